/** One agent of one tenant. Both ids come from its certificate or key, never from what it sends. */
export interface AgentRef {
  readonly tenantId: string;
  readonly agentId: string;
}
