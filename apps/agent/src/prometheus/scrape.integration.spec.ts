/** /metrics of a running agent, read by the parser of the tests and by a real Prometheus where there is one. */
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { AgentProgram } from '../../../../test/support/agent-program/index.js';
import { parseExposition } from '../../../../test/support/exposition.js';
import { FIXTURE, writeScenario } from '../../../../test/support/nvidia-smi-replay/index.js';

jest.setTimeout(60_000);
const hasPrometheus = spawnSync('prometheus', ['--version']).status === 0;
const itWithPrometheus = hasPrometheus ? it : it.skip;
if (!hasPrometheus) console.warn('skipped: no prometheus on this machine (Debian package prometheus)');

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

async function until<T>(what: string, look: () => Promise<T | null | undefined | false>): Promise<T> {
  const end = Date.now() + 25_000;
  for (;;) {
    const found = await look().catch(() => null);
    if (found) return found;
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('/metrics', () => {
  let program: AgentProgram;
  let port: number;
  beforeAll(async () => {
    program = await AgentProgram.build();
    port = await freePort();
    const { executable } = writeScenario(join(program.folder, 'driver'), {
      gpus: [
        { capture: FIXTURE, state: 'load', uuid: 'GPU-aaaaaaaa-0000-4000-8000-000000000001' },
        { capture: FIXTURE, state: 'idle', uuid: 'GPU-bbbbbbbb-0000-4000-8000-000000000002' },
      ],
    });
    program.start([
      ...['--prometheus', `127.0.0.1:${port}`, '--state-dir', join(program.folder, 'state')],
      ...['--nvidia-smi', executable, '--interval', '1'],
    ]);
  });
  afterAll(() => program.remove());
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);

  it('serves what dashboards for dcgm-exporter ask for, with no server to send to', async () => {
    const families = await until('readings of both GPUs', async () => {
      const read = parseExposition(await (await get('/metrics')).text());
      return read.get('DCGM_FI_DEV_GPU_UTIL')?.samples.length === 2 && read;
    });
    for (const name of ['DEV_POWER_USAGE', 'DEV_GPU_TEMP', 'DEV_FB_USED', 'DEV_SM_CLOCK']) {
      expect(families.get(`DCGM_FI_${name}`)?.samples).toHaveLength(2);
    }
    expect(families.get('DCGM_FI_DEV_GPU_UTIL')?.samples[1]?.labels).toMatchObject({
      gpu: '1',
      UUID: 'GPU-bbbbbbbb-0000-4000-8000-000000000002',
      device: 'nvidia1',
    });
    expect(families.get('flotilla_agent_connected')?.samples[0]?.value).toBe(0);
  });

  it('answers nothing else', async () => {
    expect((await get('/')).status).toBe(404);
    expect((await get('/metrics', { method: 'POST', body: 'x' })).status).toBe(405);
    expect((await get('/metrics', { method: 'HEAD' })).headers.get('content-type')).toBe(
      'text/plain; version=0.0.4; charset=utf-8',
    );
  });

  itWithPrometheus('is scraped by Prometheus', async () => {
    const own = await freePort();
    const config = join(program.folder, 'prometheus.yml');
    writeFileSync(
      config,
      `scrape_configs:\n  - job_name: gpu\n    scrape_interval: 1s\n    static_configs:\n      - targets: ['127.0.0.1:${port}']\n`,
    );
    const prometheus = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(program.folder, 'tsdb')}`,
        `--web.listen-address=127.0.0.1:${own}`,
      ],
      { stdio: 'ignore' },
    );
    try {
      const query = async (text: string) => {
        const answer = await fetch(`http://127.0.0.1:${own}/api/v1/query?query=${encodeURIComponent(text)}`);
        const { data } = (await answer.json()) as { data: { result: { metric: object; value: [number, string] }[] } };
        return data.result;
      };
      const found = await until('a scrape', async () => {
        const result = await query('DCGM_FI_DEV_GPU_UTIL{job="gpu"}');
        return result.length === 2 && result;
      });
      expect(found[0]?.metric).toMatchObject({ UUID: expect.stringMatching(/^GPU-/), Hostname: expect.any(String) });
      expect(await query('up{job="gpu"} == 1')).toHaveLength(1);
    } finally {
      const gone = new Promise((resolve) => prometheus.once('exit', resolve));
      prometheus.kill('SIGTERM');
      await gone;
    }
  });
});
