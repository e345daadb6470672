import { AddressGuard } from './addresses.js';

/** The host of a URL as the parser leaves it: what a call would connect to. */
const hostOf = (host: string) => new URL(`http://${host}/`).hostname.replace(/^\[|\]$/g, '');

const REFUSED: readonly (readonly [what: string, host: string])[] = [
  ['this network', '0.0.0.0'],
  ['this network, another address', '0.1.2.3'],
  ['zero in short', '0'],
  ['private 10', '10.0.0.1'],
  ['private 10, the last', '10.255.255.255'],
  ['carrier NAT, the first', '100.64.0.0'],
  ['Alibaba metadata', '100.100.100.200'],
  ['carrier NAT, the last', '100.127.255.255'],
  ['loopback', '127.0.0.1'],
  ['loopback, another address', '127.8.8.8'],
  ['loopback in short', '127.1'],
  ['loopback as one number', '2130706433'],
  ['loopback in hexadecimal', '0x7f000001'],
  ['loopback in hexadecimal parts', '0x7f.0.0.0x1'],
  ['loopback in octal', '0177.0.0.1'],
  ['loopback with zeros before', '00000177.00.00.01'],
  ['loopback in full-width digits', '１２７.0.0.1'],
  ['Azure host agent', '168.63.129.16'],
  ['link-local', '169.254.0.1'],
  ['metadata service', '169.254.169.254'],
  ['metadata service as one number', '2852039166'],
  ['metadata service in hexadecimal', '0xa9fea9fe'],
  ['metadata service in octal', '0251.0376.0251.0376'],
  ['private 172, the first', '172.16.0.0'],
  ['private 172, the last', '172.31.255.255'],
  ['protocol assignments', '192.0.0.8'],
  ['documentation 1', '192.0.2.1'],
  ['old 6to4 relay', '192.88.99.1'],
  ['private 192.168', '192.168.1.1'],
  ['benchmarks', '198.19.255.255'],
  ['documentation 2', '198.51.100.7'],
  ['documentation 3', '203.0.113.7'],
  ['multicast', '224.0.0.1'],
  ['reserved', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['IPv6 unspecified', '[::]'],
  ['IPv6 loopback', '[::1]'],
  ['IPv6 loopback in full', '[0:0:0:0:0:0:0:1]'],
  ['mapped loopback', '[::ffff:127.0.0.1]'],
  ['mapped metadata in hexadecimal', '[::ffff:a9fe:a9fe]'],
  ['mapped private in full', '[0:0:0:0:0:ffff:10.0.0.1]'],
  ['compatible loopback', '[::127.0.0.1]'],
  ['compatible metadata', '[::a9fe:a9fe]'],
  ['translated metadata', '[::ffff:0:169.254.169.254]'],
  ['NAT64 metadata', '[64:ff9b::169.254.169.254]'],
  ['NAT64 of a public address', '[64:ff9b::8.8.8.8]'],
  ['local NAT64', '[64:ff9b:1::a9fe:a9fe]'],
  ['discard', '[100::1]'],
  ['Teredo', '[2001:0:4136:e378:8000:63bf:3fff:fdd2]'],
  ['ORCHID', '[2001:20::1]'],
  ['documentation 6', '[2001:db8::1]'],
  ['6to4 of loopback', '[2002:7f00:1::]'],
  ['6to4 of the metadata service', '[2002:a9fe:a9fe::1]'],
  ['documentation, the newer', '[3fff::1]'],
  ['segment routing', '[5f00::1]'],
  ['unique local', '[fc00::1]'],
  ['AWS metadata', '[fd00:ec2::254]'],
  ['link-local 6', '[fe80::1]'],
  ['site-local', '[fec0::1]'],
  ['multicast 6', '[ff02::1]'],
];

const REACHED: readonly (readonly [what: string, host: string])[] = [
  ['a public address', '8.8.8.8'],
  ['a public address as one number', '134744072'],
  ['just below private 10', '9.255.255.255'],
  ['just above private 10', '11.0.0.0'],
  ['just below carrier NAT', '100.63.255.255'],
  ['just above carrier NAT', '100.128.0.0'],
  ['just above loopback', '128.0.0.1'],
  ['just below private 172', '172.15.255.255'],
  ['just above private 172', '172.32.0.0'],
  ['just below multicast', '223.255.255.255'],
  ['a mapped public address', '[::ffff:8.8.8.8]'],
  ['a public IPv6 address', '[2606:4700:4700::1111]'],
  ['just above the protocol part of 2001', '[2001:200::1]'],
];

describe('where outgoing calls may go', () => {
  const guard = new AddressGuard([]);

  it.each(REFUSED)('refuses %s, %s', (_what, host) => expect(guard.isReachable(hostOf(host))).toBe(false));

  it.each(REACHED)('reaches %s, %s', (_what, host) => expect(guard.isReachable(hostOf(host))).toBe(true));

  it.each(['', 'localhost', 'example.com', '127.0.0.1/8', 'fe80::1%eth0', '1.2.3', '2606:4700::1%0', '8.8.8.8 '])(
    'refuses what is no plain address: "%s"',
    (text) => expect(guard.isReachable(text)).toBe(false),
  );

  it('opens what the operator opened, in every spelling, and nothing beside it', () => {
    const opened = new AddressGuard(['10.1.0.0/16', '192.168.7.7', 'fd12:3456::/32']);
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '::FFFF:0a01:0203', '192.168.7.7', 'fd12:3456::1']) {
      expect([address, opened.isReachable(address), opened.isOpened(address)]).toEqual([address, true, true]);
    }
    for (const address of ['10.2.0.1', '192.168.7.8', 'fd12:3457::1', '::10.1.2.3', '127.0.0.1']) {
      expect([address, opened.isReachable(address)]).toEqual([address, false]);
    }
    expect([opened.isReachable('8.8.8.8'), opened.isOpened('8.8.8.8')]).toEqual([true, false]);
  });
});
