import { mayAnnounce } from './control-grants.js';

describe('which controls an agent may announce', () => {
  it.each([
    ['command', [], true],
    ['systemd', [], true],
    ['self', [], true],
    ['aws-ec2', [], false],
    ['redfish', [], false],
    ['a-kind-that-nobody-knows', [], false],
    ['Command', [], false],
    ['command-of-others', [], false],
    ['aws-ec2', ['aws-ec2'], true],
    ['aws-ec2', ['aws'], true],
    ['awsome', ['aws'], false],
    ['aws', ['aws-ec2'], false],
    ['redfish', ['aws', 'slurm'], false],
    ['', [''], false],
  ])('%s with the grants %j: %s', (kind, grants, may) => {
    expect(mayAnnounce(kind, grants)).toBe(may);
  });
});
