/** EC2 said no. What was asked for did not happen, except perhaps with a status of 500 and above. */
export class Ec2Error extends Error {
  override readonly name = 'Ec2Error';

  constructor(
    /** As EC2 names it: `UnauthorizedOperation`, `IncorrectInstanceState`, … */
    readonly code: string,
    message: string,
    readonly status: number,
    readonly requestId: string,
  ) {
    super(message);
  }
}

/** Turned away at the door, whatever it was: nothing happened, and a little later it may be let in. */
const THROTTLED: readonly string[] = [
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'RequestThrottled',
  'RequestThrottledException',
  'EC2ThrottledException',
];
const EXPIRED_KEYS: readonly string[] = ['ExpiredToken', 'ExpiredTokenException', 'InvalidClientTokenId'];
/** The signature's time is too far from EC2's clock: ours is wrong. */
const WRONG_CLOCK: readonly string[] = ['RequestExpired', 'RequestTimeTooSkewed', 'InvalidSignatureTime'];
/** Nobody has a machine for it now. */
const NO_CAPACITY: readonly string[] = [
  'InsufficientInstanceCapacity',
  'InsufficientHostCapacity',
  'InsufficientReservedInstanceCapacity',
  'InsufficientCapacity',
  'ReservationCapacityExceeded',
  'SpotMaxPriceTooLow',
  'InstanceLimitExceeded',
  'VcpuLimitExceeded',
  'MaxSpotInstanceCountExceeded',
];

export const isThrottled = ({ code }: Ec2Error): boolean => THROTTLED.includes(code);
export const areKeysExpired = ({ code }: Ec2Error): boolean => EXPIRED_KEYS.includes(code);
export const isClockWrong = ({ code, message }: Ec2Error): boolean =>
  WRONG_CLOCK.includes(code) || /signature (expired|not yet current)/i.test(message);
export const isWithoutCapacity = ({ code }: Ec2Error): boolean => NO_CAPACITY.includes(code);
/** Nobody knows whether it was done. */
export const isUncertain = ({ status }: Ec2Error): boolean => status >= 500;
