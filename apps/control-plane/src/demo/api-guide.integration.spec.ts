import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { DemoService } from './index.js';

const hasCurl = spawnSync('curl', ['--version']).status === 0;
const test = hasCurl ? it : it.skip;
if (!hasCurl) console.warn('curl is missing: the blocks of docs/api-guide.md are not run');

describe('docs/api-guide.md', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp();
    // what idles for half an hour is asked to stop
    await app.app.get(DemoService).begin(app.tenantId, { sampledMinutes: 36, packedDays: 0, moneyDays: 9 });
  }, 240_000);
  afterAll(() => app?.close());

  test('has blocks that run as they stand', async () => {
    const { email, password } = await app.newUser('owner');
    const settings = [`FLOTILLA=${app.url}`, `FLOTILLA_ADMIN_EMAIL=${email}`, `FLOTILLA_ADMIN_PASSWORD=${password}`];
    const script = join(process.cwd(), 'test/house/api-guide.sh');
    const { stdout } = await promisify(execFile)('env', [...settings, 'bash', script]);
    expect(stdout).toMatch(/^(\d\d) of \1 answers are successes\n$/);
  }, 120_000);
});
