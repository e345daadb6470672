import { z } from 'zod';
import { ERROR_STATUS } from './common.js';

export const Status = z
  .object({
    status: z
      .enum(['ok', 'degraded'])
      .meta({ description: 'degraded: the database cannot be reached', examples: ['ok'] }),
    version: z.string().meta({ description: 'Of the control plane', examples: ['0.1.0'] }),
    api_version: z.string().meta({ description: 'The current version of the API', examples: ['v1'] }),
    uptime_seconds: z.int().meta({ description: 'Of this replica', examples: [3600] }),
    database: z.enum(['up', 'down']).meta({ description: 'Whether it answers', examples: ['up'] }),
    timestamp: z.iso.datetime().meta({ examples: ['2026-11-22T10:15:30.000Z'] }),
  })
  .meta({ id: 'Status' });

export const Liveness = z.object({ status: z.literal('ok') }).meta({ id: 'Liveness' });

export const Readiness = z
  .object({
    status: z.enum(['ready', 'not_ready']).meta({ examples: ['ready'] }),
    checks: z
      .record(z.string(), z.enum(['up', 'down', 'stopping']))
      .meta({ description: 'What was looked at', examples: [{ database: 'up' }] }),
  })
  .meta({ id: 'Readiness' });

export const Capabilities = z
  .object({
    version: z.string().meta({ description: 'Of the control plane', examples: ['0.1.0'] }),
    resources: z
      .array(z.string())
      .meta({ description: 'First parts of the paths that this version serves', examples: [['instances']] }),
    authentication: z
      .array(z.enum(['jwt', 'api_key']))
      .meta({ description: 'Ways to say who calls', examples: [['jwt', 'api_key']] }),
    limits: z.object({
      body_bytes: z.int().meta({ description: 'Bytes of a usual JSON body', examples: [1_048_576] }),
      ingest_body_bytes: z.int().meta({ description: 'Bytes of an ingest body', examples: [16_777_216] }),
      json_depth: z.int().meta({ description: 'Levels of nesting', examples: [32] }),
      page_limit: z.int().meta({ description: 'Items a page at most, unless a list says otherwise', examples: [200] }),
    }),
  })
  .meta({ id: 'Capabilities' });

export const Compatibility = z
  .object({
    api_version: z.string().meta({ description: 'The current version', examples: ['v1'] }),
    supported_versions: z
      .array(z.string())
      .meta({ description: 'Path segments that work: /api/<version>', examples: [['v1']] }),
    deprecated_versions: z.array(z.string()).meta({ description: 'Still served, to be removed', examples: [[]] }),
    agent_protocol: z.string().meta({ description: 'The gRPC package of the agents', examples: ['flotilla.v1'] }),
    minimum_node: z.string().meta({ description: 'The oldest Node.js of an agent', examples: ['20.19.0'] }),
  })
  .meta({ id: 'Compatibility' });

export const ErrorModel = z
  .object({
    shape: z.array(z.string()).meta({ description: 'Fields of every error', examples: [['success', 'error', 'code']] }),
    codes: z.array(
      z.object({
        code: z.enum(Object.keys(ERROR_STATUS) as [string, ...string[]]),
        status: z.int().meta({ description: 'HTTP status', examples: [400] }),
        meaning: z
          .string()
          .meta({ description: 'When it comes and what to do', examples: ['Something in the request is not valid.'] }),
        repeat: z.boolean().meta({ description: 'Whether the same request can work later', examples: [false] }),
      }),
    ),
  })
  .meta({ id: 'ErrorModel' });

/** What conditions of alert rules and of policies may name. */
export const ConditionMetric = z
  .object({
    name: z.string().meta({ examples: ['gpu_utilization'] }),
    unit: z.string().meta({
      description: "Of its threshold; currency is the tenant's, flag is 0 or 1",
      examples: ['percent'],
    }),
    level: z.enum(['gpu', 'instance', 'tenant']).meta({
      description: 'One value per GPU, one per instance, or one for the whole tenant',
      examples: ['gpu'],
    }),
    source: z.enum(['collected', 'activity', 'money', 'budget', 'ai_spend', 'calendar']).meta({
      description: 'collected by agents, derived from their activity, from money, from budgets, or from the clock',
      examples: ['collected'],
    }),
    meaning: z.string().meta({ examples: ['gpu utilization as agents report it'] }),
  })
  .meta({ id: 'ConditionMetric' });
