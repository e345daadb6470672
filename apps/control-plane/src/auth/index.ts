export { AuthModule } from './auth.module.js';
export { InvitationsService } from './invitations.service.js';
export type { InvitationLink } from './invitations.service.js';
export { Passwords } from './passwords.js';
export { SessionsService } from './sessions.service.js';
