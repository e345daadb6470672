import { explain } from './cluster.js';
import { explainIo } from './error.js';
import { serverSettings, settingsFile } from './settings.js';

const GIB = 1024 ** 3;

describe('serverSettings', () => {
  it.each([
    // shared_buffers is a 32nd of the memory, 128 MB to 1 GB; the cache estimate is half of it
    ['a small machine', 1, '128MB', '512MB'],
    ['the usual one', 8, '256MB', '4096MB'],
    ['a large one', 256, '1024MB', '65536MB'],
  ])('%s', (_name, gib, sharedBuffers, cache) => {
    const settings = serverSettings('/socket', gib * GIB);
    expect(settings).toMatchObject({ shared_buffers: sharedBuffers, effective_cache_size: cache });
  });

  it('is durable', () => {
    expect(serverSettings('/socket', GIB)).toMatchObject({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
    });
  });

  it('quotes values', () => {
    expect(settingsFile({ unix_socket_directories: "/it's" })).toContain("unix_socket_directories = '/it''s'");
  });
});

describe('explain', () => {
  it.each([
    ['FATAL:  could not write lock file: No space left on device', 'the disk is full'],
    ['2026-01-01 [1] FATAL:  could not create shared memory segment: Cannot allocate memory', 'shared memory is short'],
    ['LOG: x\nFATAL:  data directory has wrong ownership\nHINT: y', 'FATAL:  data directory has wrong ownership'],
    ['', 'it said nothing'],
  ])('%s', (output, expected) => expect(explain(output)).toContain(expected));
});

describe('explainIo', () => {
  it('names the path and the mend', () => {
    const error = Object.assign(new Error('x'), { code: 'EROFS' });
    expect(explainIo(error, 'use', '/data')?.message).toBe(
      'cannot use /data: the file system is read-only: name another folder with FLOTILLA_DATA_DIR',
    );
    expect(explainIo(new Error('x'), 'use', '/data')).toBeUndefined();
  });
});
