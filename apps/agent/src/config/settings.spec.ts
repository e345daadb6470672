import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMAND_TEXTS, helpText, readCommandLine } from './command-line.js';
import { FLAGS } from './flags.js';
import type { FlagName } from './flags.js';
import { fileSchema } from './schema.js';
import { parseFile, readSettings, SettingsError } from './settings.js';

const lines = (run: () => unknown): readonly string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof SettingsError) return error.lines;
    throw error;
  }
  return [];
};

/** The ```json blocks of a document. */
const examplesOf = (document: string) =>
  [...readFileSync(join(import.meta.dirname, '../../../..', document), 'utf8').matchAll(/```json\n([^]*?)```/g)].map(
    (match) => match[1] as string,
  );

/** A policy of AWS is shown where rights are explained. */
const isPolicy = (example: string) => Object.hasOwn(JSON.parse(example) as object, 'Statement');

/** A control may be shown by itself, where its kind is explained. */
const wholeFile = (example: string) =>
  Object.hasOwn(JSON.parse(example) as object, 'kind') ? `{"controls": [${example}]}` : example;

describe('the examples in the documents', () => {
  it.each(['docs/agent.md', 'docs/operations.md'])('of %s can be used as they stand', (document) => {
    const examples = examplesOf(document);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples.filter((text) => !isPolicy(text)))
      expect(parseFile(wholeFile(example), document)).toBeDefined();
  });

  it('show every key of the file, with the defaults', () => {
    const [example = ''] = examplesOf('docs/agent.md');
    const written = JSON.parse(example) as Record<string, unknown> & { controls: object[] };
    const known = Object.keys(fileSchema.shape).filter((key) => !['sync_url', 'api_key_file'].includes(key));
    expect(Object.keys(written).sort()).toEqual(known.sort());
    const parsed = parseFile(example, 'docs/agent.md');
    // nothing was filled in: every key of every part is written
    expect(parsed.spool).toEqual(written['spool']);
    expect(parsed.controls).toEqual(written.controls);
    expect(Object.keys(parsed.instance)).toHaveLength(8);
    const defaults = parseFile('{"controls":[{"kind":"command","stop":["/x"]}]}', 'test');
    expect(parsed.spool).toEqual(defaults.spool);
    expect(parsed.controls[1]).toMatchObject({
      ...defaults.controls[0],
      stop: expect.anything(),
      env: expect.anything(),
    });
  });
});

describe('the configuration file', () => {
  it.each([
    [
      'an unknown key',
      '{\n  "servre": "a:1"\n}',
      'f.json:2:3: servre: there is no such setting; did you mean "server"?',
    ],
    [
      'an unknown key inside',
      '{\n "spool": {\n  "max_gb": 1\n }\n}',
      'f.json:3:3: spool.max_gb: there is no such setting; did you mean "max_mb"?',
    ],
    ['a wrong type', '{"interval_s": "5"}', 'f.json:1:2: interval_s: expected a number, found "5"'],
    ['a number out of range', '{"interval_s": 0}', 'f.json:1:2: interval_s: expected at least 1, found 0'],
    [
      'a command that is a text and no array',
      '{"controls": [{"kind": "command", "stop": "halt -p"}]}',
      'f.json:1:35: controls[0].stop: expected a list with at least one element, found "halt -p"',
    ],
    ['an empty command', '{"controls": [{"kind": "command", "stop": []}]}', /^f\.json:1:35: controls\[0\]\.stop/],
    [
      'an executor that is not there',
      '{"controls": [{"kind": "shell"}]}',
      /^f\.json:1:16: controls\[0\]\.kind: expected one of .*command, .*found "shell"/,
    ],
    [
      'a unit that is an option',
      '{"controls": [{"kind": "systemd", "units": ["--now"]}]}',
      /^f\.json:1:45: controls\[0\]\.units\[0\]/,
    ],
    ['no JSON', '{"a": }', 'f.json:1:7: is not JSON: expected a value, found }'],
    [
      'a key that is written twice',
      '{"server": "a:1",\n "server": "b:1"}',
      'f.json:2:2: server: is written twice, first in line 1; remove one',
    ],
    ['a comma too many', '{\n "interval_s": 5,\n}', 'f.json:2:17: is not JSON: the comma before } is one too many'],
    [
      'a comma too few',
      '{"interval_s": 5\n "server": "a:1"}',
      'f.json:2:2: is not JSON: expected a comma or }, found "',
    ],
    [
      'a file that ends early',
      '{"spool": {\n',
      'f.json:2:1: is not JSON: the file ends before the } that closes { of line 1',
    ],
    ['a list in place of the whole', '[]', 'f.json:1:1: the file: expected an object in braces, found []'],
    [
      'a level that is no level',
      '{"log_level": "inof"}',
      'f.json:1:2: log_level: expected one of debug, info, warn, error, found "inof"; did you mean "info"?',
    ],
    [
      'a control without a kind',
      '{"controls": [{"stop": ["/x"]}]}',
      /^f\.json:1:15: controls\[0\]\.kind: is missing: expected one of /,
    ],
    [
      'a key of a control',
      '{"controls": [{"kind": "command", "stop": ["/x"], "time_out_s": 3}]}',
      'f.json:1:51: controls[0].time_out_s: there is no such setting; did you mean "timeout_s"?',
    ],
  ])('names file, line and key of %s', (_, text, line) => {
    const [first] = lines(() => parseFile(text, 'f.json'));
    if (typeof line === 'string') expect(first).toBe(line);
    else expect(first).toMatch(line);
  });

  it('says every fault at once, a line each', () => {
    expect(lines(() => parseFile('{"a": 1, "b": 2, "log_level": "loud"}', 'f.json'))).toHaveLength(3);
  });

  it('has defaults for everything', () => {
    expect(parseFile('{}', 'f.json')).toMatchObject({
      controls: [],
      spool: { max_mb: 256, max_age_days: 7 },
      log_level: 'info',
    });
    const [control] = parseFile('{"controls": [{"kind": "command", "stop": ["/bin/true"]}]}', 'f.json').controls;
    expect(control).toEqual({
      kind: 'command',
      level: 'workload',
      instances: ['self'],
      stop: ['/bin/true'],
      env: {},
      cwd: '/',
      timeout_s: 120,
      grace_s: 10,
      verify_s: 30,
      protected: false,
    });
  });
});

describe('the commands', () => {
  const texts: Readonly<Record<string, { flags: readonly string[] }>> = COMMAND_TEXTS;

  it('take every flag that there is, each by one command at least', () => {
    const taken = new Set(Object.values(texts).flatMap(({ flags }) => flags));
    expect(Object.keys(FLAGS).filter((name) => !taken.has(name as FlagName))).toEqual(['state']);
  });

  it.each(Object.keys(texts))('help with %s in lines that fit a terminal', (name) => {
    const text = helpText(name as keyof typeof COMMAND_TEXTS);
    for (const flag of texts[name]?.flags ?? []) expect(text).toContain(`--${flag}`);
    expect(text).toContain('Exit code 2: a setting is wrong.');
  });

  it('end every mutilated command line in a fault with a sentence, never otherwise', () => {
    const words = [
      'run',
      'scan',
      'help',
      '--',
      '--help',
      '--json',
      '--server',
      '--server=',
      '=',
      '-',
      '--=x',
      '-x',
      '',
      '\u0000',
      '🦊',
      '--__proto__',
      '--constructor',
      'clear-health',
    ];
    for (const a of words) {
      for (const b of words) {
        for (const c of words) {
          try {
            readCommandLine([a, b, c]);
          } catch (error) {
            expect(error).toBeInstanceOf(SettingsError);
          }
        }
      }
    }
  });
});

describe('the settings', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-settings-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const config = (content: object) => {
    const path = join(folder, 'agent.json');
    writeFileSync(path, JSON.stringify(content));
    return path;
  };

  it('reads with nvidia-smi unless NVML is named, by flag or file', () => {
    expect(readSettings([], {})).toMatchObject({ reader: 'nvidia-smi', nvmlLibrary: 'libnvidia-ml.so.1' });
    const path = config({ reader: 'nvml', nvml_library: '/usr/lib/wsl/lib/libnvidia-ml.so.1' });
    expect(readSettings(['run', '--config', path], {})).toMatchObject({
      reader: 'nvml',
      nvmlLibrary: '/usr/lib/wsl/lib/libnvidia-ml.so.1',
    });
    expect(readSettings(['run', '--config', path, '--reader', 'nvidia-smi'], {}).reader).toBe('nvidia-smi');
    expect(() => readSettings(['--reader', 'dcgm'], {})).toThrow('--reader dcgm: must be one of nvidia-smi, nvml');
  });

  it('prefers flags to the environment and the environment to the file', () => {
    const path = config({ server: 'file:1', nvidia_smi: '/file', state_dir: '/file' });
    const env = { FLOTILLA_SERVER: 'env:2', FLOTILLA_NVIDIA_SMI: '/env' };
    expect(readSettings(['run', '--config', path], {})).toMatchObject({
      server: 'file:1',
      nvidiaSmi: '/file',
      stateDir: '/file',
    });
    expect(readSettings(['run', '--config', path], env)).toMatchObject({
      server: 'env:2',
      nvidiaSmi: '/env',
      stateDir: '/file',
    });
    expect(
      readSettings(['--config', path, '--server', 'flag:3', '--nvidia-smi', '/flag', '--state', '/s'], env),
    ).toMatchObject({
      command: 'run',
      server: 'flag:3',
      nvidiaSmi: '/flag',
      stateDir: '/s',
    });
  });

  it.each([
    [['fly'], {}, 'there is no command fly'],
    [['statsu'], {}, 'there is no command statsu; did you mean status?'],
    [['run', '--sever', 'a:1'], {}, 'there is no flag --sever; did you mean --server?'],
    [['run', '--server', 'a:1', '--server', 'b:1'], {}, '--server is given twice'],
    [['run', '--server'], {}, '--server needs a value'],
    [['run', 'fast'], {}, '"fast" is one word too many'],
    [['status', '--json=yes'], {}, '--json takes no value'],
    [['status', '--server', 'a:1'], {}, '--server is no flag of status'],
    [['run'], { FLOTILLA_SERVER: 'nowhere' }, 'FLOTILLA_SERVER nowhere: must be host:port'],
    [['run', '--server', 'a:70000'], {}, '--server a:70000: must be host:port'],
    [['run', '--prometheus', ':9400'], {}, '--prometheus :9400: must be address:port'],
    [['run', '--token-file', '/nowhere/token'], {}, '--token-file /nowhere/token: cannot be read'],
    [['run', '--server', 'http://a'], {}, '--server http://a: must be host:port'],
    [['run', '--server', 'a:1', '--interval', '0'], {}, '--interval 0: must be 1 to 60'],
    [['run', '--server', 'a:1', '--interval', 'soon'], {}, '--interval soon'],
    [['run', '--sync-url', 'https://a'], {}, '--sync-url needs an API key'],
    [['run', '--sync-url', 'ftp://a', '--api-key', 'k'], {}, '--sync-url ftp://a'],
    [['enroll', '--server', 'a:1'], {}, '--token is missing'],
    [['run', '--server', 'a:1'], { FLOTILLA_FAILPOINT: 'before-result' }, 'FLOTILLA_FAILPOINT is for tests'],
    [['run', '--server', 'a:1', '--config', '/nowhere/agent.json'], {}, '/nowhere/agent.json: cannot be read'],
  ])('refuses %j %j in one line', (args, env, line) => {
    expect(lines(() => readSettings(args, env))[0]).toContain(line);
  });

  it('gives commands a small environment of its own', () => {
    const { commandEnv } = readSettings(['run', '--server', 'a:1'], {
      PATH: '/bin',
      FLOTILLA_API_KEY: 'secret',
      AWS_SECRET: 'x',
    });
    expect(Object.keys(commandEnv).sort()).toEqual(['HOME', 'LANG', 'PATH']);
  });
});
