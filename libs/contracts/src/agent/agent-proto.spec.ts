import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { agentEnrollmentService, agentGatewayService, AgentGatewayClient, messageCodec } from './index.js';

const generator = fileURLToPath(new URL('../../scripts/generate-agent.mjs', import.meta.url));

describe('the agent protocol', () => {
  it('has generated files that are what the proto says today', () => {
    expect(() => execFileSync(process.execPath, [generator, '--check'], { stdio: 'pipe' })).not.toThrow();
  }, 30_000);

  it('serves its methods under the agreed paths', () => {
    expect(agentGatewayService.Connect.path).toBe('/flotilla.v1.AgentGateway/Connect');
    expect(agentGatewayService.Connect.requestStream && agentGatewayService.Connect.responseStream).toBe(true);
    expect(Object.values(agentEnrollmentService).map((method) => method.path)).toEqual([
      '/flotilla.v1.AgentEnrollment/Enroll',
      '/flotilla.v1.AgentEnrollment/Renew',
      '/flotilla.v1.AgentEnrollment/Leave',
    ]);
    expect(AgentGatewayClient.prototype).toHaveProperty('connect');
  });

  it('carries a minute with its missing values as they were', () => {
    const codec = messageCodec('DeviceMinute');
    const values = Buffer.from(Float32Array.of(1.5, NaN).buffer);
    const minute = { device: 'GPU-1', minuteS: 1_800_000_000, metrics: [1, 7], seconds: Buffer.of(3), values };
    const decoded = codec.decode(codec.encode(minute));
    expect(decoded).toMatchObject({ device: 'GPU-1', minuteS: 1_800_000_000, metrics: [1, 7], instanceId: '' });
    expect(decoded.values.equals(values)).toBe(true);
  });

  it('names the member of a oneof, keeps 53 bits and tells an absent optional field from 0', () => {
    const codec = messageCodec('AgentMessage');
    const epoch = Number.MAX_SAFE_INTEGER;
    const message = codec.decode(codec.encode({ batch: { walEpoch: epoch, firstSeq: epoch, entries: [] } }));
    expect(message.body).toBe('batch');
    expect(message.batch).toMatchObject({ walEpoch: epoch, firstSeq: epoch });
    const process = messageCodec('GpuProcess');
    expect(process.decode(process.encode({ pid: 1 })).usedMemoryMib).toBeUndefined();
    expect(process.decode(process.encode({ pid: 1, usedMemoryMib: 0 })).usedMemoryMib).toBe(0);
  });
});
