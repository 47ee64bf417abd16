/** Who answers at a base URL, by the names of OpenTelemetry's `gen_ai.provider.name` where it has one. */
const byHost: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'api.openai.com': 'openai',
    'openrouter.ai': 'openrouter',
    'api.groq.com': 'groq',
    'api.deepseek.com': 'deepseek',
    'api.mistral.ai': 'mistral_ai',
    'api.x.ai': 'x_ai',
    'api.z.ai': 'z_ai',
    'generativelanguage.googleapis.com': 'gcp.gemini',
  }),
);

export function providerName(baseUrl: string): string {
  const { hostname, port } = new URL(baseUrl);
  return byHost.get(hostname) ?? (port === '11434' ? 'ollama' : 'openai-compatible');
}
