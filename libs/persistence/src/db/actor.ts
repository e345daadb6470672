/** Who is behind a transaction; the audit names it. */
export interface Actor {
  readonly tenantId: string;
  readonly type: 'user' | 'api_key' | 'agent' | 'system' | 'anonymous';
  /** The user's, key's or agent's id; null for the system and for callers that are not known. */
  readonly id: string | null;
  /** How a person recognises the actor in the audit: an e-mail, a key's name, a host's name, a job's name. */
  readonly label: string;
  readonly address?: string | undefined;
  readonly requestId?: string | undefined;
}

/** The house itself as actor within one tenant: a job, the dispatcher. `label` names which. */
export function systemActor(tenantId: string, label: string): Actor {
  return { tenantId, type: 'system', id: null, label };
}
