import { parseMigList } from './mig-list.js';
import { parseSnapshot, SnapshotError } from './snapshot.js';

const log = (...gpus: string[]) =>
  `<?xml version="1.0" ?>\n<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v13.dtd">\n<nvidia_smi_log>
<driver_version>590.48.01</driver_version><attached_gpus>${gpus.length}</attached_gpus>${gpus.join('')}</nvidia_smi_log>\n`;
const gpu = (inside: string, uuid = 'GPU-1') => `<gpu id="00000000:01:00.0"><uuid>${uuid}</uuid>${inside}</gpu>`;

describe('a snapshot', () => {
  it('has one GPU or several, in the same shape', () => {
    expect(parseSnapshot(log(gpu(''))).gpus.map((g) => g.uuid)).toEqual(['GPU-1']);
    expect(parseSnapshot(log(gpu(''), gpu('', 'GPU-2'))).gpus.map((g) => g.uuid)).toEqual(['GPU-1', 'GPU-2']);
    expect(parseSnapshot(log())).toEqual({ driverVersion: '590.48.01', attachedGpus: 0, gpus: [] });
  });

  it('keeps names as they are and puts the five entities back', () => {
    const [first] = parseSnapshot(
      log(
        gpu(`<product_name>N/A</product_name><processes><process_info><pid>7</pid><type>C</type>
        <process_name>a &lt;b&gt; &amp;lt; , "c"</process_name><used_memory>12 MiB</used_memory></process_info></processes>`),
      ),
    ).gpus;
    expect(first?.facts.model).toBe('N/A');
    expect(first?.processes).toEqual([{ pid: 7, type: 'C', name: 'a <b> &lt; , "c"', usedMemoryMib: 12 }]);
  });

  it('has no memory for a process where the driver gives all ones or N/A', () => {
    const info = (memory: string) =>
      gpu(`<processes><process_info><pid>7</pid><used_memory>${memory}</used_memory></process_info></processes>`);
    for (const memory of ['N/A', '17592186044415 MiB', '[Insufficient Permissions]']) {
      expect(parseSnapshot(log(info(memory))).gpus[0]?.processes?.[0]).not.toHaveProperty('usedMemoryMib');
    }
  });

  it('tells "no processes" from "not permitted to see them"', () => {
    expect(parseSnapshot(log(gpu('<processes>\n</processes>'))).gpus[0]?.processes).toEqual([]);
    expect(parseSnapshot(log(gpu('<processes />'))).gpus[0]?.processes).toEqual([]);
    expect(parseSnapshot(log(gpu('<processes>Insufficient Permissions</processes>'))).gpus[0]?.processes).toBeNull();
  });

  it('may have warnings before and after', () => {
    expect(
      parseSnapshot(`WARNING: x\n${log(gpu(''))}WARNING: infoROM is corrupted at gpu 0000:00:1E.0\n`).gpus,
    ).toHaveLength(1);
  });

  it.each([
    ['cut off at the end', log(gpu('')).slice(0, -8)],
    ['cut off in a GPU', log('<gpu id="a"><uuid>GPU-1</uuid>')],
    ['empty', ''],
    ['of somebody else', '<html></html>'],
    ['garbage', '\u0000<<<&&&]]>'],
    ['an entity bomb', log(gpu('')).replace('SYSTEM "nvsmi_device_v13.dtd"', '[<!ENTITY a "aaaa">]')],
  ])('is refused: %s', (_, xml) => expect(() => parseSnapshot(xml)).toThrow(SnapshotError));
});

it('MIG uuids come from -L, by parent and device number', () => {
  const list = parseMigList(
    'GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5b)\n  MIG 1g.5gb      Device  0: (UUID: MIG-c6d4)\n' +
      '  MIG 2g.10gb+me  Device  1: (UUID: MIG-GPU-5d5b/1/0)\nGPU 1: Odd (board) (UUID: GPU-7)\n',
  );
  expect(list.get('GPU-5d5b')?.get(0)).toEqual({ profile: '1g.5gb', uuid: 'MIG-c6d4' });
  expect(list.get('GPU-5d5b')?.get(1)?.uuid).toBe('MIG-GPU-5d5b/1/0');
  expect(list.get('GPU-7')?.size).toBe(0);
});
