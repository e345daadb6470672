import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/**
 * IPv4 that is not the public internet (IANA special-purpose registry), and what clouds serve their hosts from.
 * AS112 and the PCP and TURN anycast addresses are left out: they are no host's insides.
 */
const INSIDE_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10', // carrier NAT; 100.100.100.200 is Alibaba's metadata service
  '127.0.0.0/8',
  '168.63.129.16/32', // Azure's host agent: a public number that leads inside
  '169.254.0.0/16', // link-local; 169.254.169.254 is most clouds' metadata service
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/** Parts of 2000::/3 that are not the public internet, or that carry an IPv4 address inside. */
const INSIDE_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/** Which addresses outgoing calls may reach. */
export class AddressGuard {
  private readonly inside = new BlockList();
  private readonly global = new BlockList();
  private readonly opened = new BlockList();

  /** @param allow CIDRs or addresses that the operator opened: FLOTILLA_OUTBOUND_ALLOW */
  constructor(allow: readonly string[]) {
    for (const network of [...INSIDE_IPV4, ...INSIDE_IPV6]) add(this.inside, network);
    add(this.global, '2000::/3');
    for (const network of allow) add(this.opened, network);
  }

  /** Opened by the operator: reachable although inside, and without TLS too. */
  isOpened(address: string): boolean {
    const plain = unmapped(address);
    return isIP(plain) !== 0 && this.opened.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
  }

  /**
   * Whether a call may go to this address. IPv6 is refused unless it is global unicast, so that every form that carries
   * an IPv4 address (compatible, NAT64, 6to4, Teredo) is refused as a whole.
   *
   * @param address a literal, as the resolver or the URL parser wrote it; anything else is refused
   */
  isReachable(address: string): boolean {
    const plain = unmapped(address);
    if (this.isOpened(plain)) return true;
    if (isIPv4(plain)) return !this.inside.check(plain, 'ipv4');
    if (!isIPv6(plain) || plain.includes('%')) return false;
    return this.global.check(plain, 'ipv6') && !this.inside.check(plain, 'ipv6');
  }
}

/** `::ffff:1.2.3.4` in any spelling is that IPv4 address: the socket goes there. */
function unmapped(address: string): string {
  if (!isIPv6(address) || address.includes('%')) return address;
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const hex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (!hex) return canonical;
  const [high, low] = [parseInt(hex[1]!, 16), parseInt(hex[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function add(list: BlockList, network: string): void {
  const [address = '', prefix] = network.split('/');
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  if (prefix === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(prefix), family);
}
