import { ROLES } from '@flotilla/contracts';
import type { Role, Scope } from '@flotilla/contracts';
import { AppError } from '../errors/app-error.js';
import type { RequestActor } from '../rest/actor.js';
import type { RouteSpec } from '../rest/route.js';

const ROLE_OF_SCOPE: Readonly<Partial<Record<Scope, Role>>> = { read: 'viewer', operate: 'operator', admin: 'admin' };

/** Whether `role` may do what `needed` may. */
export function includesRole(role: Role | null, needed: Role): boolean {
  return role !== null && ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** The role that a key acts with: its own, or the greatest that its scopes stand for; null for agent and mcp alone. */
export function effectiveRole(role: Role | null, scopes: readonly Scope[]): Role | null {
  if (role) return role;
  const roles = scopes.flatMap((scope) => ROLE_OF_SCOPE[scope] ?? []);
  return ROLES.findLast((one) => roles.includes(one)) ?? null;
}

/** @throws AppError FORBIDDEN that names what is missing */
export function authorize(actor: RequestActor, route: Pick<RouteSpec, 'access' | 'scopes'>): void {
  if (route.scopes?.some((scope) => actor.scopes.includes(scope))) return;
  const { access } = route;
  if (access === 'public') return;
  if (access === 'platform_operator') {
    if (actor.platformOperator) return;
    throw missing(actor, access, 'This needs a platform operator of this installation.');
  }
  const needed: Role = access === 'authenticated' ? 'viewer' : access;
  if (includesRole(actor.role, needed)) return;
  const own = actor.role ? `yours is ${actor.role}` : `this key only has the scope ${actor.scopes.join(', ')}`;
  throw missing(actor, needed, `This needs the role ${needed}; ${own}.`);
}

function missing(actor: RequestActor, expected: string, message: string): AppError {
  return new AppError('FORBIDDEN', message, { field: 'role', value: actor.role, expected });
}
