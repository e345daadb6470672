import { infoRomWarning, lostHandle, nameFailure, xidLine } from './failures.js';

describe('the way in which a call ended has a name', () => {
  it.each([
    [
      18,
      'Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 535.161',
      'driver_upgraded',
    ],
    [9, "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", 'driver_not_loaded'],
    [12, "NVIDIA-SMI couldn't find libnvidia-ml.so library in your system.", 'library_missing'],
    [15, '', 'gpu_off_bus'],
    [255, 'Failed to initialize NVML: Unknown Error', 'container_lost_access'],
    [255, 'Something new', 'ended'],
    [255, 'Failed to initialize NVML: Driver/library version mismatch', 'driver_upgraded'],
    [2, 'Field "x" is not a valid field to query.\n\n', 'field_refused'],
    [0, 'No devices were found\n', 'no_devices'],
    [6, 'No devices were found\n', 'no_devices'],
    [null, '', 'ended'],
  ])('%s %s', (code, output, name) => expect(nameFailure({ code, output })?.name).toBe(name));

  it.each([
    [0, 'WARNING: infoROM is corrupted at gpu 0000:00:1E.0'],
    [14, 'WARNING: infoROM is corrupted at gpu 0000:00:1E.0'],
    [0, ''],
  ])('%s %s is a good end', (code, output) => expect(nameFailure({ code, output })).toBeNull());

  it('says what mends it: a driver upgrade is no dead GPU', () => {
    const failure = nameFailure({ code: 18, output: '' });
    expect(failure?.message).toMatch(/upgraded/);
    expect(failure?.message).toMatch(/rebooted/);
  });

  it('shows the words of an unknown end without control characters', () => {
    expect(nameFailure({ code: 3, output: '\u001b[31m\u0000boom\n' })?.message).toMatch(
      /exit code 3 and said: \[31m boom\. /,
    );
  });
});

describe('lines between rounds', () => {
  it.each([
    ['Unable to determine the device handle for GPU 0000:0B:00.0: Unknown Error', '0000:0B:00.0', 'Unknown Error'],
    ['Unable to determine the device handle for GPU0000:02:00.0: Unknown Error', '0000:02:00.0', 'Unknown Error'],
  ])('%s', (line, busId, why) => expect(lostHandle(line)).toEqual({ busId, why }));

  it('name an Xid', () => {
    expect(xidLine('NVRM: Xid (PCI:0000:0b:00): 79, pid=1, GPU has fallen off the bus.')).toEqual({
      busId: '0000:0b:00',
      code: 79,
    });
    expect(xidLine('No devices were found')).toBeNull();
  });

  it('warn of a corrupted infoROM', () => {
    expect(infoRomWarning('WARNING: infoROM is corrupted at gpu 0000:00:1E.0')).toBe('0000:00:1E.0');
  });
});
