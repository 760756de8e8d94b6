// Asks the node what the page's editor holds: queries and mutations once, subscriptions as an event stream.
import {createGraphiQLFetcher} from '@graphiql/toolkit';
import {getOperationAST} from 'graphql';

const once = createGraphiQLFetcher({url: new URL('/query', location.href).href});

function isSubscription(document, name) {
  return Boolean(document) && getOperationAST(document, name)?.operation === 'subscription';
}

// The data of the events that `text` has in whole, and what stands behind them.
function splitEvents(text) {
  const events = text.split('\n\n');
  const rest = events.pop();
  const data = events.map((event) => event.split('\n').filter((line) => line.startsWith('data: ')).map((line) => line.slice(6)).join('\n'));
  return {messages: data.filter(Boolean).map((json) => JSON.parse(json)), rest};
}

// The answers of a subscription, each in one piece. return() ends it at the node, too.
class Answers {
  #abort = new AbortController();
  #reader = null;
  #waiting = [];
  #rest = '';
  #request;

  constructor(parameters, headers) {
    this.#request = {
      method: 'POST',
      headers: {...headers, 'Content-Type': 'application/json', Accept: 'text/event-stream'},
      body: JSON.stringify({...parameters, extensions: {delivery: 'result'}}),
      signal: this.#abort.signal,
    };
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async next() {
    if (!this.#reader) {
      const response = await fetch('/subscribe', this.#request);
      if (!response.headers.get('Content-Type')?.startsWith('text/event-stream')) {
        this.#reader = {read: async () => ({done: true})};
        return {value: await response.json(), done: false};
      }
      this.#reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    }
    while (this.#waiting.length === 0) {
      const {value, done} = await this.#reader.read();
      if (done) return {value: undefined, done: true};
      const {messages, rest} = splitEvents(this.#rest + value);
      this.#rest = rest;
      this.#waiting.push(...messages);
    }
    return {value: this.#waiting.shift(), done: false};
  }

  async return() {
    this.#abort.abort();
    return {value: undefined, done: true};
  }
}

export function fetcher(parameters, options) {
  if (!isSubscription(options?.documentAST, parameters.operationName)) return once(parameters, options);
  return new Answers(parameters, options?.headers);
}
