/**
 * No answer that could be used. The one question that matters to whoever wanted a change: can the request have arrived?
 *
 * - `false`: it never left (no address, refused, a certificate that is not trusted): nothing was done, another try is safe
 * - `true`: it was sent, and what became of it is not known (time-out, a connection that broke): read the state back
 */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';

  constructor(
    message: string,
    readonly mayHaveArrived: boolean,
    options?: ErrorOptions,
    /** The server is not the one that is meant (its certificate): another try meets the same. */
    readonly isUntrusted = false,
  ) {
    super(message, options);
  }
}
