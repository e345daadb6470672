import type { Machine, State } from './machine.js';

const CODES: Readonly<Record<State, number>> = { pending: 0, running: 16, stopping: 64, stopped: 80, terminated: 48 };

export const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);

export const stateXml = (tag: string, state: State): string =>
  `<${tag}><code>${CODES[state]}</code><name>${state}</name></${tag}>`;

export const answerXml = (action: string, inside: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>59dbff89-35bd-4eac-99ed-be587EXAMPLE</requestId>${inside}</${action}Response>`;

export const errorXml = (code: string, message: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${code}</Code><Message>${escape(message)}</Message></Error></Errors><RequestID>ea966190-f9aa-478e-9ede-example</RequestID></Response>`;

/** One reservation with one instance, as DescribeInstances writes it. */
export function reservationXml(machine: Machine, state: State, account: string, region: string): string {
  const { id, type, lifecycle, spotRequest, reservationId, rootDevice, tags = {} } = machine.options;
  const { reason } = machine;
  const optional = (tag: string, value: string | undefined) => (value === undefined ? '' : `<${tag}>${value}</${tag}>`);
  const tagXml = Object.entries(tags).map(
    ([key, value]) => `<item><key>${escape(key)}</key><value>${escape(value)}</value></item>`,
  );
  return `<item><reservationId>r-1234567890abcdef0</reservationId><ownerId>${account}</ownerId><groupSet/><instancesSet><item>
    <instanceId>${id}</instanceId><imageId>ami-bff32ccc</imageId>${stateXml('instanceState', state)}
    <instanceType>${type ?? 'm5.large'}</instanceType><launchTime>2026-11-01T10:00:00.000Z</launchTime>
    <placement><availabilityZone>${region}a</availabilityZone><groupName/><tenancy>default</tenancy></placement>
    <rootDeviceType>${rootDevice ?? 'ebs'}</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName>
    <blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-1234567890abcdef0</volumeId><status>attached</status></ebs></item></blockDeviceMapping>
    ${optional('instanceLifecycle', lifecycle)}${optional('spotInstanceRequestId', spotRequest?.id)}${optional('capacityReservationId', reservationId)}
    ${reason ? `<stateReason><code>${reason.code}</code><message>${escape(reason.message)}</message></stateReason>` : ''}
    <tagSet>${tagXml.join('')}</tagSet></item></instancesSet></item>`;
}
