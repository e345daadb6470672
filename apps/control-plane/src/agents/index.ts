export { AGENTS_CHANNEL, formatAgentNotice, parseAgentNotice } from './agents.channel.js';
export type { AgentNotice } from './agents.channel.js';
export { AgentsModule } from './agents.module.js';
export { AgentsService } from './agents.service.js';
export { revokeAgent } from './revoke-agent.js';
export { EnrollmentTrust } from './agents.trust.js';
export { EnrollmentTokens } from './enrollment-tokens/enrollment-tokens.service.js';
