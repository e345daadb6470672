export interface CurlRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From /api on, with its query. */
  readonly path: string;
  readonly body?: unknown;
}

/** One argument of a shell, whatever is in it. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * The same request as a command; the key is a variable, so that nothing secret stands in a shell's history.
 *
 * @param origin scheme, host and port of the control plane
 */
export function curlOf({ method, path, body }: CurlRequest, origin: string): string {
  const lines = [`curl -sS${method === 'GET' ? '' : ` -X ${method}`} ${quoted(origin + path)}`];
  lines.push(`-H "X-API-Key: $FLOTILLA_API_KEY"`);
  if (body !== undefined) {
    lines.push(`-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(body, null, 2))}`);
  }
  return lines.join(' \\\n  ');
}
