import { verifyAwsSignature } from '../../../../test/support/aws-signature.js';
import { fixedAwsCredentials } from './credentials.js';
import { signAwsRequest } from './sign.js';
import type { AwsRequest } from './sign.js';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const at = new Date('2015-08-30T12:36:00Z');
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET };
const expected = {
  service: 'ec2',
  region: 'us-east-1',
  keys: { AKIDEXAMPLE: { secretAccessKey: SECRET } },
  nowMs: at.getTime(),
};

describe('the verifier of the fakes', () => {
  // the worked example of the AWS documentation of Signature Version 4: the signature is theirs
  const example = (signature: string) =>
    verifyAwsSignature(
      {
        method: 'GET',
        target: '/?Action=ListUsers&Version=2010-05-08',
        headers: {
          host: 'iam.amazonaws.com',
          'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
          'x-amz-date': '20150830T123600Z',
          authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=${signature}`,
        },
        body: '',
      },
      { ...expected, service: 'iam' },
    );
  it('takes the signature of the AWS documentation and no other', () => {
    const theirs = '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7';
    expect(example(theirs)).toEqual({ accessKeyId: 'AKIDEXAMPLE' });
    expect(example(theirs.replace(/^5/, '6'))).toMatchObject({ code: 'SignatureDoesNotMatch' });
  });
});

describe('signAwsRequest', () => {
  const url = new URL('https://ec2.us-east-1.amazonaws.com/');
  const check = async (request: AwsRequest, more: { sessionToken?: string; body?: string; nowMs?: number } = {}) => {
    const { body, nowMs, ...token } = more;
    const scope = { service: 'ec2', region: 'us-east-1', at };
    const headers = await signAwsRequest(request, { ...scope, credentials: { ...credentials, ...token } });
    return verifyAwsSignature(
      {
        method: request.method,
        target: request.url.pathname + request.url.search,
        headers,
        body: body ?? request.body ?? '',
      },
      {
        ...expected,
        keys: { AKIDEXAMPLE: { secretAccessKey: SECRET, ...token } },
        nowMs: nowMs ?? expected.nowMs,
      },
    );
  };
  const post: AwsRequest = {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: 'Action=StopInstances&InstanceId.1=i-0abc&Note=a%20b%2Fc',
  };

  it.each<[string, AwsRequest]>([
    ['a form', post],
    ['a query with what has to be escaped', { method: 'GET', url: new URL('?b=%2F+*&a=1&b=~&c=', url) }],
    ['a path with blanks', { method: 'GET', url: new URL('/model/a b:c/invoke', url) }],
    ['JSON with a target', { ...post, headers: { 'x-amz-target': 'A.B' }, body: '{"größe":1}' }],
  ])('signs %s so that a server takes it', async (_, request) => {
    expect(await check(request)).toEqual({ accessKeyId: 'AKIDEXAMPLE' });
  });

  it('sends and signs the token of keys that end', async () => {
    expect(await check(post, { sessionToken: 'FwoGZXIvYXdzEXAMPLE==' })).toEqual({ accessKeyId: 'AKIDEXAMPLE' });
  });

  it('is void for another body, and five minutes later', async () => {
    expect(await check(post, { body: `${post.body}&Force=true` })).toMatchObject({ code: 'SignatureDoesNotMatch' });
    expect(await check(post, { nowMs: expected.nowMs + 301_000 })).toMatchObject({ code: 'RequestExpired' });
  });

  it('takes keys that are known already', async () => {
    expect(await fixedAwsCredentials(credentials).renew()).toBe(credentials);
  });
});
