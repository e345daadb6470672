/** EC2: start, stop and look, by its Query API. */
export { Ec2Client } from './ec2-client.js';
export type { Ec2Options } from './ec2-client.js';
export { Ec2Error, isThrottled, isUncertain, isWithoutCapacity } from './ec2-error.js';
export type { Ec2Instance, Ec2State, Ec2StateChange } from './ec2-instance.js';
