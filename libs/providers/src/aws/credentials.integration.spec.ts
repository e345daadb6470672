import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { awsCredentials, AwsCredentialsError } from './credentials.js';

/* eslint-disable no-restricted-syntax -- the AWS chain reads the environment itself: that is what is tested */

/** Variables that would answer before what is tested here. */
const OTHERS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE'];
const OURS = ['AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONFIG_FILE', 'AWS_EC2_METADATA_SERVICE_ENDPOINT'];

describe('awsCredentials', () => {
  const before = { ...process.env };
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-aws-'));
    for (const name of OTHERS) delete process.env[name];
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = join(folder, 'none');
    process.env['AWS_CONFIG_FILE'] = join(folder, 'none');
  });
  afterEach(() => {
    for (const name of [...OTHERS, ...OURS]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it('reads a profile of a file, and reads it anew when its keys were replaced', async () => {
    const credentialsFile = join(folder, 'keys');
    const write = (id: string) =>
      writeFileSync(credentialsFile, `[fleet]\naws_access_key_id = ${id}\naws_secret_access_key = s\n`);
    write('AKIDONE');
    const source = awsCredentials({ profile: 'fleet', credentialsFile });
    expect(await source.get()).toEqual({ accessKeyId: 'AKIDONE', secretAccessKey: 's' });
    write('AKIDTWO');
    expect((await source.get()).accessKeyId).toBe('AKIDONE');
    expect((await source.renew()).accessKeyId).toBe('AKIDTWO');
    expect((await source.get()).accessKeyId).toBe('AKIDTWO');
  });

  it('takes the role of the instance by IMDSv2: no key without a session', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      if (request.method === 'PUT' && request.url === '/latest/api/token') return void response.end('session');
      if (request.headers['x-aws-ec2-metadata-token'] !== 'session') return void response.writeHead(401).end();
      if (request.url === '/latest/meta-data/iam/security-credentials/') return void response.end('fleet-role');
      const Expiration = new Date(Date.now() + 3_600_000).toISOString();
      const keys = { AccessKeyId: 'ASIAROLE', SecretAccessKey: 's', Token: 't', Expiration, Code: 'Success' };
      response.end(JSON.stringify(keys));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    try {
      const { port } = server.address() as AddressInfo;
      process.env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] = `http://127.0.0.1:${port}`;
      const source = awsCredentials();
      expect(await source.get()).toEqual({ accessKeyId: 'ASIAROLE', secretAccessKey: 's', sessionToken: 't' });
      expect(asked[0]).toBe('PUT /latest/api/token');
    } finally {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    }
  });

  it('says where it looked when there is nothing', async () => {
    const source = awsCredentials({ profile: 'nobody' });
    await expect(source.get()).rejects.toThrow(AwsCredentialsError);
    await expect(source.get()).rejects.toThrow(/the profile nobody of ~\/.aws\/credentials/);
  });
});
