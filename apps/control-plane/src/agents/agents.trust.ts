/** What an enrolment token must tell an agent about the gRPC listener. Provided by the room agent-gateway. */
export abstract class EnrollmentTrust {
  /** SHA-256 (hex) of the certificate that ends the listener's chain; null: public roots vouch for it. */
  abstract caSha256(): string | null;
  /** Port of the listener. */
  abstract port(): number;
}
