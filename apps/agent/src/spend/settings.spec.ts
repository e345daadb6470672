import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '../config/settings.js';
import type { SettingsError } from '../config/settings.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-spend-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function settingsOf(spend: object[], env: Record<string, string> = {}) {
  const path = join(folder, 'agent.json');
  writeFileSync(path, JSON.stringify({ spend }));
  return readSettings(['run', '--config', path], env).spend;
}

function faultsOf(spend: object[], env: Record<string, string> = {}): string {
  try {
    settingsOf(spend, env);
    return '';
  } catch (error) {
    return (error as SettingsError).lines.join('\n');
  }
}

describe('spend in the configuration file', () => {
  it('fills in what is left out', () => {
    expect(settingsOf([{ kind: 'anthropic', api_key_env: 'ADMIN_KEY' }], { ADMIN_KEY: 'x' })).toEqual([
      {
        kind: 'anthropic',
        account: 'default',
        api_key_env: 'ADMIN_KEY',
        backfill_days: 30,
        bucket_width: '1h',
        costs: true,
        usage: true,
      },
    ]);
    expect(settingsOf([])).toEqual([]);
  });

  it.each<[string, object[], string]>([
    ['no key', [{ kind: 'openai' }], 'spend[0]: needs api_key_file or api_key_env, one of them'],
    ['two keys', [{ kind: 'openai', api_key_file: '/k', api_key_env: 'K' }], 'one of them'],
    [
      'a variable that is not set',
      [{ kind: 'openai', api_key_env: 'K' }],
      'spend[0].api_key_env: the environment has no variable K',
    ],
    ['the key itself', [{ kind: 'openai', api_key: 'sk-admin-1' }], 'spend[0].api_key: there is no such setting'],
    [
      'one account twice',
      [1, 2].map(() => ({ kind: 'aws-cost-explorer' })),
      'spend[1]: is the same account as spend[0]',
    ],
    ['a bill every hour', [{ kind: 'aws-cost-explorer', every_s: 3600 }], 'spend[0].every_s'],
    ['three groups', [{ kind: 'aws-cost-explorer', group_by: ['A', 'B', 'C'] }], 'spend[0].group_by'],
    ['faster than once a minute', [{ kind: 'anthropic', api_key_file: '/k', every_s: 30 }], 'spend[0].every_s'],
    [
      'a tag that would end the query',
      [{ kind: 'bedrock', region: 'x', log_group: 'y', tags: ['a | delete'] }],
      'spend[0].tags[0]',
    ],
    ['an unknown kind', [{ kind: 'gcp-billing' }], 'spend[0].kind'],
    ['no scope', [{ kind: 'azure-cost', tenant_id: 't', client_id: 'c', client_secret_file: '/s' }], 'spend[0].scope'],
  ])('%s is a fault with its line', (_, spend, expected) => {
    const faults = faultsOf(spend);
    expect(faults).toContain(expected);
    expect(faults).toMatch(/agent\.json:\d+:\d+: spend/);
    expect(faults).not.toContain('sk-admin-1');
  });
});
