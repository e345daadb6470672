import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { agentGatewayService } from '@flotilla/contracts/agent';
import type { AgentMessage, ControlMessageInput } from '@flotilla/contracts/agent';
import { unpackMinute } from '@flotilla/domain';
import type { MetricsIngest } from '../../../apps/control-plane/dist/metrics/index.js';

/** The gRPC side at its barest: what the ingest costs without sessions, leases and certificates around it. */
export async function startBareServer(
  ingest: MetricsIngest,
  tenantId: string,
  deviceOf: (agentId: string, device: string) => number,
): Promise<{ address: string; stop: () => void }> {
  const server = new Server();
  server.addService(agentGatewayService, {
    connect: (stream: ServerDuplexStream<AgentMessage, ControlMessageInput>) => {
      let agentId = '';
      stream.on('data', ({ hello, batch }: AgentMessage) => {
        if (hello) {
          agentId = hello.agentId;
          stream.write({ epoch: 1, welcome: { epoch: 1, window: 4, protocol: 1 } });
        }
        if (!batch) return;
        const firstSeq = batch.firstSeq;
        const minutes = batch.entries.map(({ minute }, i) => {
          const read = unpackMinute(minute!);
          if (typeof read === 'string') throw new Error(read);
          return { deviceId: deviceOf(agentId, minute!.device), minute: read.minute, seq: firstSeq + i };
        });
        const lastSeq = firstSeq + batch.entries.length - 1;
        void ingest
          .storeBatch({ tenantId, agentId, walEpoch: BigInt(batch.walEpoch), firstSeq, lastSeq, minutes })
          .then(({ throughSeq }) => stream.write({ epoch: 1, ack: { walEpoch: batch.walEpoch, throughSeq } }))
          .catch((error: Error) => stream.destroy(error));
      });
      stream.on('end', () => stream.end());
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}
