/** What the finish reason of an answer means. */

/** The meaning of a finish reason. */
export type FinishMeaning = 'complete' | 'cut' | 'filtered' | 'tool' | 'unknown';

/** By the reason in lower case, as servers spell it. */
const meanings: Readonly<Record<string, FinishMeaning>> = {
  // OpenAI, vLLM, llama.cpp, Ollama, LM Studio, Azure.
  stop: 'complete',
  // Together and text-generation-inference.
  eos: 'complete',
  eos_token: 'complete',
  // LM Studio.
  eosfound: 'complete',
  // Anthropic and servers that pass on its reasons.
  end_turn: 'complete',
  stop_sequence: 'complete',
  // Cohere and older servers.
  complete: 'complete',
  completed: 'complete',
  finished: 'complete',
  done: 'complete',
  length: 'cut',
  max_tokens: 'cut',
  max_output_tokens: 'cut',
  max_length: 'cut',
  model_length: 'cut',
  model_context_window_exceeded: 'cut',
  content_filter: 'filtered',
  content_filtered: 'filtered',
  refusal: 'filtered',
  // Gemini and Zhipu.
  safety: 'filtered',
  recitation: 'filtered',
  blocklist: 'filtered',
  prohibited_content: 'filtered',
  sensitive: 'filtered',
  tool_calls: 'tool',
  tool_use: 'tool',
  function_call: 'tool',
};

/**
 * What a finish reason means. An answer without one is complete, because many servers send none; whether a stream came to its
 * end is known from its last event.
 *
 * @example
 * meaningOf('STOP'); // 'complete'
 * meaningOf('error'); // 'unknown'
 */
export function meaningOf(finish: string | undefined): FinishMeaning {
  if (finish === undefined) return 'complete';
  const name = finish.trim().toLowerCase();
  return Object.hasOwn(meanings, name) ? meanings[name]! : 'unknown';
}
