import type { ChannelCredentials, ServiceError } from '@grpc/grpc-js';
import { AGENT_GRPC_MAX_MESSAGE_BYTES, AgentGatewayClient } from '@flotilla/contracts/agent';
import type { ControlMessage } from '@flotilla/contracts/agent';
import type { Closed } from './closing.js';
import type { Link, LinkEvents } from './link.js';

/** Every connection is one of its own: credentials change, and back-off is the session's affair and not gRPC's. */
export const CHANNEL_OPTIONS = {
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.max_receive_message_length': AGENT_GRPC_MAX_MESSAGE_BYTES,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.enable_channelz': 0,
};

const UNKNOWN = 2;

/** A stream over gRPC. Never throws: what goes wrong ends in `onClosed`. */
export function openGrpcLink(address: string, credentials: ChannelCredentials, events: LinkEvents): Link {
  const client = new AgentGatewayClient(address, credentials, CHANNEL_OPTIONS);
  const call = client.connect();
  let closed = false;
  const close = (how: Closed) => {
    if (closed) return;
    closed = true;
    // the channel goes with its stream, a moment later: gRPC still hands out the trailers
    setImmediate(() => client.close());
    events.onClosed(how);
  };
  call.on('data', (message: ControlMessage) => {
    if (!closed) events.onMessage(message);
  });
  call.on('drain', () => {
    if (!closed) events.onDrain();
  });
  call.on('error', (error: ServiceError) => {
    const pushback = Number(error.metadata?.get('grpc-retry-pushback-ms')[0] ?? Number.NaN);
    close({
      code: error.code ?? UNKNOWN,
      details: error.details ?? error.message,
      retryAfterMs: Number.isFinite(pushback) && pushback >= 0 ? pushback : null,
    });
  });
  call.on('end', () => {
    // the server is done; without this our half would hold the stream open
    call.end();
    close({ code: 0, details: '', retryAfterMs: null });
  });
  return {
    write: (message) => (closed ? false : call.write(message)),
    end: () => call.end(),
    cancel: () => {
      call.cancel();
      close({ code: 1, details: 'ended by this agent', retryAfterMs: null });
    },
  };
}
