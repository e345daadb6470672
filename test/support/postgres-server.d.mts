export interface TestServer {
  readonly access: { readonly template: string; readonly owner: string; readonly superuser: string };
  stop(): Promise<void>;
}
export function startTestServer(options?: {
  readonly durable?: boolean;
  readonly settings?: Readonly<Record<string, string>>;
}): Promise<TestServer>;
