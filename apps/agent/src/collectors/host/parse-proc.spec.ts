import {
  cpuPercent,
  diskPercent,
  interfacesToCount,
  memoryPercent,
  networkRates,
  parseCpuTimes,
  parseNetworkBytes,
} from './parse-proc.js';

const NET = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:   16176      95    0    0    0     0          0         0    16176      95    0    0    0     0       0          0
  eth0: 531733477   16572    0    0    0     0          0         0  2371712   12818    0    0    0     0       0          0
eth1:5 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0
`;

it('processor time: guest is inside user, waiting for disks is idle', () => {
  // 100 user + 10 nice + 50 system + 800 idle + 20 iowait + 5 irq + 5 softirq + 10 steal; the 40 of guest are in user
  const times = parseCpuTimes('cpu  100 10 50 800 20 5 5 10 40 0\ncpu0 1 1 1 1\n');
  expect(times).toEqual({ total: 1000, idle: 820 });
  expect(parseCpuTimes('garbage')).toBeNull();
  // 100 jiffies passed, 25 of them idle
  expect(cpuPercent({ total: 1000, idle: 820 }, { total: 1100, idle: 845 })).toBe(75);
  expect(cpuPercent({ total: 1000, idle: 820 }, { total: 1000, idle: 820 })).toBeNull();
  expect(cpuPercent({ total: 1000, idle: 820 }, { total: 10, idle: 8 })).toBeNull();
});

it('memory that a new process could not have', () => {
  expect(memoryPercent('MemTotal:       1000 kB\nMemFree:          10 kB\nMemAvailable:    250 kB\n')).toBe(75);
  expect(memoryPercent('MemTotal:       1000 kB\nMemFree:          10 kB\n')).toBeNull();
});

it('a file system as df shows it: what root reserved is neither used nor free', () => {
  // 100 blocks, 40 free, 35 for ordinary users: 60 / (60 + 35)
  expect(diskPercent({ blocks: 100, bfree: 40, bavail: 35 })).toBeCloseTo(63.158, 3);
  expect(diskPercent({ blocks: 0, bfree: 0, bavail: 0 })).toBeNull();
});

it('bytes by interface, also where the number touches the name', () => {
  const bytes = parseNetworkBytes(NET);
  expect([...bytes]).toEqual([
    ['lo', { rx: 16176, tx: 16176 }],
    ['eth0', { rx: 531733477, tx: 2371712 }],
    ['eth1', { rx: 5, tx: 7 }],
  ]);
});

it('counts hardware once, and in a container what is not plainly virtual', () => {
  const names = ['lo', 'eth0', 'eth1', 'bond0', 'docker0', 'veth12ab', 'br-0f'];
  expect(interfacesToCount(names, (name) => name.startsWith('eth'))).toEqual(['eth0', 'eth1']);
  expect(interfacesToCount(['lo', 'eth0', 'ifb0', 'tunl0'], () => false)).toEqual(['eth0']);
});

it('rates of what both readings have; a counter that ran back gives nothing', () => {
  const before = new Map([
    ['a', { rx: 100, tx: 50 }],
    ['b', { rx: 900, tx: 0 }],
  ]);
  const after = new Map([
    ['a', { rx: 600, tx: 150 }],
    ['b', { rx: 10, tx: 20 }],
    ['c', { rx: 1e9, tx: 1e9 }],
  ]);
  // a: 500 and 100 bytes in 5 s; b was reset: 0 and 20
  expect(networkRates(before, after, ['a', 'b', 'c'], 5)).toEqual({ rx: 100, tx: 24 });
  expect(networkRates(before, after, ['c'], 5)).toBeNull();
  expect(networkRates(before, after, ['a'], 0)).toBeNull();
});
