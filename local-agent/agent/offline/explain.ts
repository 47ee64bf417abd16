/** What the offline assistant says about itself. The whole of it at first contact and in the help, one line where it cannot answer. */
export const howToAddModel = `I have no language model yet, so I am offline: I answer from my commands, from what you told me to remember, and from what we said here.

To add a model, start Ollama (\`ollama run llama3.2\`) or a llama.cpp server on this machine, and I find it by myself. For another one, set \`PRYX_MODEL_BASE_URL\`, \`PRYX_MODEL\` and \`PRYX_MODEL_API_KEY\`, and restart me.`;

export const hint = 'I am offline; /help says how to add a model.';
