import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { enrollTestAgent, TestStream } from '../../../../test/support/test-agent.js';
import { parseEnrollmentToken } from '@flotilla/contracts/agent';

/** The whole application: REST on one side, an agent over TLS on the other. */
describe('/agents', () => {
  let app: TestApp;
  let admin: string;
  let viewer: string;
  beforeAll(async () => {
    app = await startTestApp();
    admin = await app.login('admin');
    viewer = await app.login('viewer');
  });
  afterAll(() => app.close());

  const mint = async (body: object = {}) => {
    const answer = await app.call('POST', '/api/agents/enrollment-tokens', { as: admin, body });
    expect(answer.status).toBe(201);
    return answer.body.data as { id: string; token: string; server: string; install_command: string; note: string };
  };
  const caPem = async () => {
    const row = await app.db.system((tx) =>
      tx.row<{ certificate_pem: string }>('SELECT certificate_pem FROM flotilla.agent_authority'),
    );
    return row!.certificate_pem;
  };

  it('mints a token whose line names the listener and pins the CA', async () => {
    const minted = await mint({ name: 'rack 7' });
    expect(minted.install_command).toMatch(
      /^(curl -fsSL http:\/\/127\.0\.0\.1:[1-9]\d*\/agent\/install\.sh \| |npm run agent -- )/,
    );
    expect(minted.install_command).toContain(` --server ${minted.server}`);
    expect(minted.install_command).toContain(minted.token);
    expect(minted.server).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(minted.server).not.toMatch(/:0$/);
    expect(minted.note).toContain('FLOTILLA_PUBLIC_URL');
    expect(parseEnrollmentToken(minted.token)!.caSha256).toMatch(/^[0-9a-f]{64}$/);
    const listed = await app.call('GET', '/api/agents/enrollment-tokens?usable=true', { as: admin });
    expect(listed.body.data.find((one: { id: string }) => one.id === minted.id)).toMatchObject({
      name: 'rack 7',
      uses: 0,
      usable: true,
    });
    expect(JSON.stringify(listed.body)).not.toContain(parseEnrollmentToken(minted.token)!.secret);
  });

  it('is for admins to mint, and within limits', async () => {
    const path = '/api/agents/enrollment-tokens';
    expect((await app.call('POST', path, { as: viewer, body: {} })).status).toBe(403);
    expect((await app.call('GET', path, { as: viewer })).status).toBe(403);
    const long = await app.call('POST', path, { as: admin, body: { expires_in_seconds: 90_000 } });
    expect(long.status).toBe(400);
    expect(long.body.details.field).toBe('expires_in_seconds');
  });

  it('hands the grants of its token to the agent, where an admin can change them', async () => {
    const control = (kind: string) => ({ kind, verbs: ['stop'], instanceIds: ['bmc-1'], scope: {}, level: 'power' });
    const minted = await mint({ controls: ['redfish'] });
    const address = minted.server.replace('127.0.0.1', 'localhost');
    const own = await enrollTestAgent(address, await caPem(), minted.token, { hostname: 'controller' });
    const path = `/api/agents/${own.agentId}`;
    const shown = async () => (await app.call('GET', path, { as: viewer })).body.data;
    expect(await shown()).toMatchObject({ controls: ['redfish'], refused_controls: [] });
    const stream = new TestStream(address, own);
    await stream.hello({ controls: [control('redfish'), control('slurm')] });
    for (let i = 0; i < 100 && (await shown()).refused_controls.length === 0; i++) await new Promise(setImmediate);
    expect(await shown()).toMatchObject({
      refused_controls: ['slurm'],
      last_error: expect.stringContaining('slurm') as string,
    });
    stream.close();
    const patch = (as: string, controls: unknown) => app.call('PATCH', path, { as, body: { controls } });
    expect((await patch(viewer, ['aws'])).status).toBe(403);
    expect((await patch(admin, ['AWS %'])).status).toBe(400);
    expect((await patch(admin, ['slurm', 'aws', 'aws'])).body.data.controls).toEqual(['aws', 'slurm']);
    const kinds = await app.db.system((tx) =>
      tx.rows('SELECT c.kind FROM flotilla.controllers c WHERE c.agent_id = $1', [own.agentId]),
    );
    expect(kinds).toEqual([]);
    const nobody = await app.call('PATCH', '/api/agents/0199f1a2-7c3e-7a51-9d0b-6c1f2e3d4a5b', {
      as: admin,
      body: { controls: [] },
    });
    expect(nobody.status).toBe(404);
  });

  it('shows a token once: a replay has null in its place', async () => {
    const send = () =>
      app.call('POST', '/api/agents/enrollment-tokens', {
        as: admin,
        body: {},
        headers: { 'Idempotency-Key': 'mint-1' },
      });
    const first = await send();
    const second = await send();
    expect(second.body.data.id).toBe(first.body.data.id);
    expect(second.body.data.token).toBeNull();
    expect(second.body.data.install_command).toBeNull();
  });

  it('lists an agent with its connection, cuts it when it is revoked, and lets it back neither by stream nor by renewal', async () => {
    const minted = await mint();
    const address = minted.server.replace('127.0.0.1', 'localhost');
    const own = await enrollTestAgent(address, await caPem(), minted.token, {
      hostname: 'gpu-9',
      agentVersion: '1.2.3',
    });
    const stream = new TestStream(address, own);
    await stream.hello({ nowMs: Date.now() + 120_000, machine: { hostname: 'gpu-9' } });
    const shown = await app.call('GET', `/api/agents/${own.agentId}`, { as: viewer });
    expect(shown.body.data).toMatchObject({ hostname: 'gpu-9', connected: true, status: 'enrolled', events: [] });
    expect(shown.body.data.clock_skew_ms).toBeGreaterThan(110_000);
    const listed = await app.call('GET', '/api/agents?connected=true&search=GPU-9', { as: viewer });
    expect(listed.body.data).toHaveLength(1);
    expect(listed.body.summary).toMatchObject({ connected: 1 });
    expect((await app.call('DELETE', `/api/agents/${own.agentId}`, { as: viewer })).status).toBe(403);
    const started = performance.now();
    expect((await app.call('DELETE', `/api/agents/${own.agentId}`, { as: admin })).status).toBe(200);
    expect((await stream.end()).details).toBe('this agent was revoked');
    expect(performance.now() - started).toBeLessThan(10_000);
    stream.close();
    const again = new TestStream(address, own);
    await expect(again.hello()).rejects.toMatchObject({ details: expect.stringContaining('revoked') });
    again.close();
    const after = await app.call('GET', `/api/agents/${own.agentId}`, { as: viewer });
    expect(after.body.data).toMatchObject({ connected: false, status: 'revoked', disconnect_reason: 'revoked' });
    expect((await app.call('DELETE', `/api/agents/${own.agentId}`, { as: admin })).status).toBe(200);
  });

  it("hides another tenant's agents and tokens", async () => {
    const minted = await mint();
    const own = await enrollTestAgent(minted.server.replace('127.0.0.1', 'localhost'), await caPem(), minted.token);
    const tenantId = await app.newTenant('Other');
    const stranger = await app.login('admin', tenantId);
    const missing = '0199f1a2-7c3e-7a51-9d0b-6c1f2e3d4a5b';
    for (const id of [own.agentId, missing]) {
      expect((await app.call('GET', `/api/agents/${id}`, { as: stranger })).status).toBe(404);
      expect((await app.call('DELETE', `/api/agents/${id}`, { as: stranger })).status).toBe(404);
    }
    expect((await app.call('DELETE', `/api/agents/enrollment-tokens/${minted.id}`, { as: stranger })).status).toBe(404);
    expect((await app.call('GET', '/api/agents', { as: stranger })).body.data).toEqual([]);
  });
});
