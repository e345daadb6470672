import { Log } from './log.js';

describe('the log', () => {
  const lines: string[] = [];
  const log = Log.to({ write: (line) => lines.push(line) }, 'debug');
  beforeEach(() => (lines.length = 0));
  const only = () => {
    expect(lines).toHaveLength(1);
    return JSON.parse(lines[0]!) as Record<string, unknown>;
  };

  it('keeps a line break inside its line', () => {
    log.info({ path: 'a\r\n{"level":"fatal"}', esc: '\u001b[31m' }, 'first\nsecond');
    // eslint-disable-next-line no-control-regex -- an escape character is what must not be there
    expect(lines[0]!.trimEnd()).not.toMatch(/[\r\n\u001b]/);
    expect(only()['path']).toBe('a\r\n{"level":"fatal"}');
  });

  it('hides secrets by their names, two levels down too', () => {
    log.child('x').info(
      {
        password: 'p1',
        user: { token: 'p2', deep: { secret: 'p3' } },
        headers: { authorization: 'p4', 'x-api-key': 'p5' },
      },
      'm',
    );
    expect(JSON.stringify(only())).not.toMatch(/p[1-5]/);
  });

  it('hides secrets inside the texts of errors', () => {
    const error = new Error(
      'connect postgres://u:hunter2@host/db with Bearer abc.def and flt_live_abc123_secretsecret',
    );
    log.error({ err: new Error('outer', { cause: error }) }, 'failed with eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln');
    expect(lines[0]).not.toMatch(/hunter2|abc\.def|secretsecret|eyJhbGci/);
    expect(only()).toMatchObject({ level: 'error', err: { type: 'Error', message: 'outer' } });
  });
});
