/** How servers list their models: the answer to each path that they know. */
type Lists = (models: readonly string[]) => Record<string, unknown>;

const openAiList = (models: readonly string[], owner: string, more: object = {}) => ({
  object: 'list',
  data: models.map((id) => ({ id, object: 'model', created: 1, owned_by: owner, ...more })),
});

const llamaCppList = (models: readonly string[]) => ({
  models: models.map((name) => ({
    name,
    model: name,
    modified_at: '',
    size: '',
    digest: '',
    type: 'model',
    capabilities: ['completion'],
    details: {
      parent_model: '',
      format: 'gguf',
      family: '',
      families: [''],
      parameter_size: '',
      quantization_level: '',
    },
  })),
  ...openAiList(models, 'llamacpp', { meta: { n_ctx_train: 4096 } }),
});

/** A name may say more than a name: `name@family`, or `name@cloud` for what Ollama only passes on. */
const ollamaTags = (models: readonly string[]) => ({
  models: models.map((entry) => {
    const [name = '', family = 'llama'] = entry.split('@');
    return {
      name,
      model: name,
      modified_at: '2026-11-20T12:00:00.000000000+01:00',
      size: 2019393189,
      digest: 'a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72',
      details: {
        parent_model: '',
        format: 'gguf',
        family,
        families: [family],
        parameter_size: '3.2B',
        quantization_level: 'Q4_K_M',
      },
      ...(family === 'cloud' ? { remote_model: name, remote_host: 'https://ollama.com:443' } : {}),
    };
  }),
});

export const modelLists = {
  openai: (models) => ({ 'GET /v1/models': openAiList(models, 'system') }),
  vllm: (models) => ({ 'GET /v1/models': openAiList(models, 'vllm', { root: 'x', max_model_len: 4096 }) }),
  'llama.cpp': (models) => ({ 'GET /v1/models': llamaCppList(models), 'GET /api/tags': llamaCppList(models) }),
  ollama: (models) => ({
    'GET /v1/models': openAiList(
      models.map((entry) => entry.split('@')[0] ?? ''),
      'library',
    ),
    'GET /api/tags': ollamaTags(models),
  }),
} as const satisfies Record<string, Lists>;
