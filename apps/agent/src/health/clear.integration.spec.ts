import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NEW_GPU, noteXid } from '@flotilla/domain';
import { claimStateDir } from '../state-lock.js';
import { ClearRequests } from './clear-requests.js';
import { clearHealth } from './clear.js';
import { loadHealth, NOTHING, saveHealth } from './state-file.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-clear-'));
  const sick = noteXid(NEW_GPU, { code: 79, atMs: 1, line: 'Xid 79', source: 'kernel' }).state;
  saveHealth(folder, { ...NOTHING, bootId: 'b', gpus: { 'GPU-a': sick, 'GPU-b': sick } });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const conditions = () => Object.values(loadHealth(folder).gpus).map((state) => state.conditions.length);

it('changes what is remembered where no agent runs', async () => {
  expect(await clearHealth(folder, 'GPU-a', 'root')).toMatchObject({ done: true });
  expect(conditions()).toEqual([0, 1]);
  expect(await clearHealth(folder, 'all', 'root')).toEqual({
    done: true,
    message: 'Cleared the health of 2 GPUs. No agent runs; the next one goes on from there.',
  });
  expect(conditions()).toEqual([0, 0]);
});

it('names the GPUs that there are when it does not know the one that is meant', async () => {
  expect(await clearHealth(folder, 'GPU-x', 'root')).toEqual({
    done: false,
    message: 'This host knows no GPU GPU-x. It knows: GPU-a, GPU-b.',
  });
});

it('asks the agent that runs, and says that it did it', async () => {
  const release = claimStateDir(folder);
  const requests = new ClearRequests(folder);
  expect(requests.take()).toEqual([]);
  const taken: object[] = [];
  const agent = setInterval(() => taken.push(...requests.take()), 100);
  try {
    expect(await clearHealth(folder, 'GPU-b', 'ann')).toMatchObject({
      done: true,
      message: 'The agent cleared the health of GPU GPU-b.',
    });
  } finally {
    clearInterval(agent);
    release();
  }
  expect(taken).toEqual([{ gpu: 'GPU-b', by: 'ann' }]);
  // the agent changes what it remembers itself
  expect(conditions()).toEqual([1, 1]);
});
