/**
 * Clients of outside systems that the agent and the control plane share. One door each, because nobody who needs one
 * should pay for the others: `@flotilla/providers/aws` (credentials of this machine, Signature Version 4).
 */
export {};
