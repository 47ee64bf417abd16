import { ModelError } from '../../../local-agent/models/model-error.ts';
import { retrying } from '../../../local-agent/models/retry.ts';
import { describeLanguageModel } from '../../contract/language-model.ts';
import { createPause, createScriptedModel } from '../../support/model/scripted-model.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const make = (wrap: (model: ReturnType<typeof createScriptedModel>) => ReturnType<typeof retrying>) => async () => {
  const scripted = createScriptedModel();
  return {
    model: wrap(scripted),
    willSay: (text: string) => scripted.script(...text.split(/(?<= )/)),
    willRefuseKey: () => scripted.script(new ModelError('model_unauthorized', 'No.')),
    willHold(before: string, after: string) {
      const pause = createPause();
      scripted.script(before, pause, after);
      return pause;
    },
  };
};

describeLanguageModel(
  'The scripted model of the tests',
  make((model) => model),
);
describeLanguageModel(
  'A model that is tried again',
  make((model) =>
    retrying(model, { clock: createVirtualClock(), random: { bytes: (n) => new Uint8Array(n), fraction: () => 0.5 } }),
  ),
);
