/** Why an outgoing call got no answer. */
export type OutboundFault = 'refused' | 'unreachable' | 'timeout' | 'redirect' | 'too_large';

/** The message is a sentence for people; it may be shown to whoever configured the address. */
export class OutboundError extends Error {
  constructor(
    /** `refused`: not called at all. */
    readonly fault: OutboundFault,
    message: string,
  ) {
    super(message);
    this.name = 'OutboundError';
  }
}
