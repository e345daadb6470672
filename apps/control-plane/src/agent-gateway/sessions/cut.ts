import type { AgentCall } from './session.types.js';

const GRACE_MS = 5_000;

interface Cuttable {
  call?: { stream?: { destroy(): void }; nextCall?: { stream?: { destroy(): void } } };
}

/**
 * Sees to it that a stream that was ended is gone: its status waits behind what the agent did not read, and an agent
 * that reads nothing would keep it for ever. grpc-js has no public way to reset a call from the server's side, so this
 * reaches for the HTTP/2 stream; where a later version hides it elsewhere, the connection's keepalive does the rest.
 */
export function cutWhenStuck(call: AgentCall): void {
  const timer = setTimeout(() => {
    const inner = (call as unknown as Cuttable).call;
    (inner?.stream ?? inner?.nextCall?.stream)?.destroy();
  }, GRACE_MS);
  timer.unref();
  call.once('cancelled', () => clearTimeout(timer));
}
