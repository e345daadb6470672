import { execFileSync } from 'node:child_process';
import { curlOf } from './curl';

describe('the curl of a write', () => {
  it('names the key by a variable and carries the body', () => {
    expect(curlOf({ method: 'POST', path: '/api/budgets', body: { name: 'ML' } }, 'http://127.0.0.1:8080')).toBe(
      `curl -sS -X POST 'http://127.0.0.1:8080/api/budgets' \\
  -H "X-API-Key: $FLOTILLA_API_KEY" \\
  -H 'Content-Type: application/json' \\
  -d '{
  "name": "ML"
}'`,
    );
  });

  it('stays one argument for a shell, whatever a name holds', () => {
    const body = { name: `it's "$(id)" \`id\` \\ ; rm -rf / #\n🛶` };
    const command = curlOf({ method: 'POST', path: '/api/x?a=b&c=$(id)', body }, 'http://h').replace(
      /^curl/,
      'printf "%s\\0"',
    );
    const said = execFileSync('sh', ['-c', command], { env: { FLOTILLA_API_KEY: 'k' }, encoding: 'utf8' }).split('\0');
    expect(said).toContain('http://h/api/x?a=b&c=$(id)');
    expect(JSON.parse(said.at(-2)!)).toEqual(body);
  });
});
