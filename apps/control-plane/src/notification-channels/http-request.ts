/** What a channel says over HTTP; always a POST. */
export interface HttpRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Goes as JSON. */
  readonly body: object;
}

/** What came of telling. */
export interface Sent {
  readonly outcome: 'delivered' | 'retry' | 'dead';
  /** Of HTTP, or the reply code of SMTP; null: no answer. */
  readonly statusCode: number | null;
  /** What went wrong, in our own words where the other side is not known; for a delivered one what is to be said beside. */
  readonly reason: string | null;
  /** How long the other side wants to be left alone. */
  readonly retryAfterMs: number | null;
  /** The other side says that it is gone for good. */
  readonly gone?: boolean;
}
