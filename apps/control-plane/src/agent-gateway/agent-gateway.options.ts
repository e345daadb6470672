/** What may differ between an installation, a test and a bench. */
export interface GatewayOptions {
  readonly replicaId: string;
  /** Listens without TLS: for benches, and behind a proxy that ends TLS. Never by default. */
  readonly plaintext?: boolean;
  /** Seconds between two heartbeats of an agent. */
  readonly heartbeatS: number;
  /** Heartbeats that may be missed before a stream counts as dead. */
  readonly missedHeartbeats: number;
  /** Batches that one agent may have in flight. */
  readonly window: number;
  /** Bytes that all agents together may have in flight. */
  readonly inflightBytes: number;
  /** How long the backlog stays over its bound before agents are asked to read more rarely. */
  readonly slowAfterMs: number;
  readonly helloTimeoutMs: number;
  readonly maxSessionsPerTenant: number;
  readonly maxSessionsPerAddress: number;
  /** How often deadlines are looked at. */
  readonly tickMs: number;
  /** How often leases are written down. */
  readonly flushMs: number;
  /** How often the queue is asked without having been told to. */
  readonly pollMs: number;
  /** Agents wait this long after a Drain, at least, and spread over as much again. */
  readonly drainReconnectMs: number;
}

export const DEFAULT_OPTIONS: Omit<GatewayOptions, 'replicaId'> = {
  heartbeatS: 15,
  missedHeartbeats: 3,
  window: 4,
  inflightBytes: 96 * 1024 * 1024,
  slowAfterMs: 30_000,
  helloTimeoutMs: 30_000,
  maxSessionsPerTenant: 20_000,
  maxSessionsPerAddress: 10_000,
  tickMs: 1_000,
  flushMs: 5_000,
  pollMs: 10_000,
  drainReconnectMs: 1_000,
};
