import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpendSettings } from '../../spend/settings.js';
import { spendKeys } from './spend.js';

it('looks where the keys are, and who may read them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-spend-keys-'));
  const key = join(folder, 'key');
  const openAi = { kind: 'openai', account: 'acme', api_key_file: key } as SpendSettings;
  const without = { kind: 'aws-cost-explorer', account: 'default' } as SpendSettings;
  const look = () => spendKeys([without, openAi]);
  expect(look()).toMatchObject([{ name: 'spend/openai/acme', state: 'fail', message: expect.stringContaining(key) }]);
  writeFileSync(key, 'sk-admin-1', { mode: 0o600 });
  expect(look()).toMatchObject([{ state: 'ok' }]);
  chmodSync(key, 0o644);
  expect(look()).toMatchObject([{ state: 'warn', mend: `chmod 0600 ${key}` }]);
  expect(JSON.stringify(look())).not.toContain('sk-admin-1');
  rmSync(folder, { recursive: true });
});
