import type { SpendDataset } from '@flotilla/providers/spend';
import { secretReader } from './secret.js';
import type { SpendSettings } from './settings.js';

/** What an entry of the configuration reads. The client of each kind is loaded only where it is configured. */
export async function datasetsOf(
  entry: SpendSettings,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<SpendDataset[]> {
  const { account } = entry;
  const common = { account, ...(entry.base_url === undefined ? {} : { baseUrl: entry.base_url }) };
  const secret = secretReader(entry, environment);
  switch (entry.kind) {
    case 'openai': {
      const { openAiDatasets } = await import('@flotilla/providers/openai');
      const { bucket_width: bucketWidth, costs, usages } = entry;
      return openAiDatasets({ ...common, apiKey: secret, bucketWidth, costs, ...(usages ? { usages } : {}) });
    }
    case 'anthropic': {
      const { anthropicDatasets } = await import('@flotilla/providers/anthropic');
      const { bucket_width: bucketWidth, costs, usage } = entry;
      return anthropicDatasets({ ...common, apiKey: secret, bucketWidth, costs, usage });
    }
    case 'aws-cost-explorer': {
      const { costExplorerDatasets } = await import('@flotilla/providers/aws-cost-explorer');
      const { group_by: groupBy, max_pages: mostPages } = entry;
      const credentials = await awsOf(entry);
      return costExplorerDatasets({ ...common, credentials, mostPages, ...(groupBy ? { groupBy } : {}) });
    }
    case 'bedrock': {
      const { bedrockDatasets } = await import('@flotilla/providers/bedrock');
      const { region, log_group: logGroup, tags, profiles } = entry;
      return bedrockDatasets({ ...common, credentials: await awsOf(entry), region, logGroup, tags, profiles });
    }
    case 'azure-cost': {
      const { azureCostDatasets } = await import('@flotilla/providers/azure');
      const { scope, group_by: groupBy } = entry;
      return azureCostDatasets({
        ...common,
        principal: principalOf(entry, secret),
        scope,
        ...(groupBy ? { groupBy } : {}),
      });
    }
    case 'azure-openai': {
      const { azureOpenAiDatasets } = await import('@flotilla/providers/azure');
      const deployments = Object.fromEntries(
        Object.entries(entry.deployments).map(([name, model]) => [name, typeof model === 'string' ? { model } : model]),
      );
      const { resource_id: resourceId } = entry;
      return azureOpenAiDatasets({ ...common, principal: principalOf(entry, secret), resourceId, deployments });
    }
  }
}

async function awsOf({
  profile,
  credentials_file: credentialsFile,
}: {
  profile?: string | undefined;
  credentials_file?: string | undefined;
}) {
  const { awsCredentials } = await import('@flotilla/providers/aws');
  return awsCredentials({
    ...(profile === undefined ? {} : { profile }),
    ...(credentialsFile === undefined ? {} : { credentialsFile }),
  });
}

function principalOf(
  entry: Extract<SpendSettings, { kind: 'azure-cost' | 'azure-openai' }>,
  clientSecret: () => string,
) {
  return {
    tenantId: entry.tenant_id,
    clientId: entry.client_id,
    clientSecret,
    ...(entry.login_url === undefined ? {} : { loginUrl: entry.login_url }),
  };
}
