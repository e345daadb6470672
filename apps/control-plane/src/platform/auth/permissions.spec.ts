import type { RequestActor } from '../rest/actor.js';
import { authorize, effectiveRole, includesRole } from './permissions.js';

const actor = (role: RequestActor['role'], scopes: RequestActor['scopes'] = [], platformOperator = false) =>
  ({ role, scopes, platformOperator }) as RequestActor;

describe('permissions', () => {
  it.each([
    [null, ['agent'], null],
    [null, ['mcp'], null],
    [null, ['read'], 'viewer'],
    [null, ['agent', 'operate'], 'operator'],
    [null, ['admin', 'read'], 'admin'],
    ['viewer', [], 'viewer'],
  ] as const)('role %s with scopes %j acts as %s', (role, scopes, effective) => {
    expect(effectiveRole(role, scopes)).toBe(effective);
  });

  it('orders the roles', () => {
    expect(includesRole('owner', 'viewer')).toBe(true);
    expect(includesRole('admin', 'owner')).toBe(false);
    expect(includesRole(null, 'viewer')).toBe(false);
  });

  it.each([
    ['a viewer to viewers', actor('viewer'), { access: 'viewer' }],
    ['an owner everywhere but to the platform', actor('owner'), { access: 'admin' }],
    ['an agent key where its scope is named', actor(null, ['agent']), { access: 'admin', scopes: ['agent'] }],
    ['a platform operator', actor('owner', [], true), { access: 'platform_operator' }],
  ] as const)('lets %s', (_, who, route) => expect(() => authorize(who, route)).not.toThrow());

  it.each([
    ['viewer; yours', actor('viewer'), { access: 'operator' }, /role operator; yours is viewer/],
    ['agent key', actor(null, ['agent']), { access: 'authenticated' }, /only has the scope agent/],
    ['mcp key on an agent route', actor(null, ['mcp']), { access: 'admin', scopes: ['agent'] }, /role admin/],
    ['owner on the platform', actor('owner'), { access: 'platform_operator' }, /platform operator/],
  ] as const)('refuses %s and says why', (_, who, route, message) =>
    expect(() => authorize(who, route)).toThrow(message),
  );
});
