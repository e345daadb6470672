/** What an answer of the API holds, read loosely: the shapes themselves are the contract tests' business. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test reads the few fields that it is about
export type Json = any;

/** A person at a shell with curl: paths, bodies, answers. */
export class Api {
  private constructor(
    private readonly address: string,
    private readonly headers: Record<string, string>,
  ) {}

  static async login(address: string, email: string, password: string): Promise<Api> {
    const { data } = await new Api(address, {}).post('/auth/login', { email, password });
    return new Api(address, { authorization: `Bearer ${data.accessToken}` });
  }

  static withKey(address: string, key: string): Api {
    return new Api(address, { 'x-api-key': key });
  }

  get(path: string): Promise<Json> {
    return this.call('GET', path);
  }

  post(path: string, body: unknown = {}): Promise<Json> {
    return this.call('POST', path, body);
  }

  patch(path: string, body: unknown): Promise<Json> {
    return this.call('PATCH', path, body);
  }

  /** @throws Error with the API's own words when it refuses */
  private async call(method: string, path: string, body?: unknown): Promise<Json> {
    const response = await fetch(`${this.address}/api${path}`, {
      method,
      headers: { ...this.headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Json;
    if (!response.ok) throw new Error(`${method} ${path} → ${response.status}: ${answer.error}`);
    return answer;
  }
}
