import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { venvPython } from '../../src/commands/jupyterEnvironment.js';

interface Case {
  readonly name: string;
  /** The change to a valid `execute_reply`, or to a valid message of the type that it names. */
  readonly change: { readonly header?: object; readonly parent_header?: object; readonly content?: object };
  readonly channel?: string;
  /** Part of the error; without it the message is valid. */
  readonly complaint?: string;
}

const reply = {
  header: {
    msg_id: 'a',
    msg_type: 'execute_reply',
    session: 's',
    username: 'kernel',
    date: '2026-01-02T03:04:05.678Z',
    version: '5.4',
  },
  parent_header: { msg_id: 'p', msg_type: 'execute_request', session: 'c' },
  metadata: {},
  content: { status: 'ok', execution_count: 1, payload: [], user_expressions: {} },
  buffers: [],
};
const iopub = (msg_type: string, content: object) => ({ change: { header: { msg_type }, content }, channel: 'iopub' });

const cases: Case[] = [
  { name: 'a reply', change: {} },
  { name: 'an aborted reply', change: { content: { status: 'aborted', execution_count: 1 } } },
  {
    name: 'an error reply',
    change: { content: { status: 'error', ename: 'E', evalue: '', traceback: [], execution_count: 1 } },
  },
  { name: 'a field too many', change: { content: { ...reply.content, more: 1 } }, complaint: 'is not valid' },
  { name: 'a field too few', change: { content: { status: 'ok' } }, complaint: 'is not valid' },
  {
    name: 'an aborted reply with results',
    change: { content: { status: 'aborted', payload: [] } },
    complaint: 'valid',
  },
  { name: 'a status of nobody', change: { content: { status: 'abort' } }, complaint: 'is not valid' },
  { name: 'a date without a zone', change: { header: { date: '2026-01-02T03:04:05' } }, complaint: 'with a zone' },
  { name: 'a date that is none', change: { header: { date: 'today' } }, complaint: 'with a zone' },
  { name: 'a user without a name', change: { header: { username: '' } }, complaint: 'username' },
  { name: 'another version', change: { header: { version: '6.0' } }, complaint: 'does not match' },
  { name: 'a header field too many', change: { header: { extra: 1 } }, complaint: 'Additional properties' },
  { name: 'a parent that is half one', change: { parent_header: { session: undefined } }, complaint: 'is not valid' },
  { name: 'a reply to something else', change: { parent_header: { msg_type: 'x_request' } }, complaint: 'it answers' },
  { name: 'a reply on iopub', change: {}, channel: 'iopub', complaint: "'execute_reply' is not a message" },
  { name: 'text of a stream', ...iopub('stream', { name: 'stdout', text: 'x' }) },
  { name: 'an empty stream', ...iopub('stream', { name: 'stdout', text: '' }), complaint: 'non-empty' },
  { name: 'a third stream', ...iopub('stream', { name: 'stdlog', text: 'x' }), complaint: 'is not one of' },
  { name: 'JSON data', ...iopub('display_data', { data: { 'application/x+json': { a: 1 } }, metadata: {} }) },
  {
    name: 'data that is not text',
    ...iopub('display_data', { data: { 'text/html': {} }, metadata: {} }),
    complaint: 'is not of type',
  },
  {
    name: 'data of no media type',
    ...iopub('display_data', { data: { html: 'x' }, metadata: {} }),
    complaint: 'match any of the regexes',
  },
  { name: 'an unknown type', ...iopub('noise', {}), complaint: "'noise' is not a message" },
];

const program = `
import json, sys
from schema import Validator
def complaint(message, channel):
    try:
        Validator().check(message, channel)
    except Exception as error:
        return str(error)
print(json.dumps([complaint(*case) for case in json.load(sys.stdin)]))
`;

function check(program: string, input: unknown): unknown {
  const options = { input: JSON.stringify(input), env: { ...process.env, PYTHONPATH: import.meta.dirname } };
  return JSON.parse(execFileSync(venvPython, ['-c', program], options).toString());
}

describe('the validator of the kernel’s messages', () => {
  let complaints: (string | null)[];
  beforeAll(() => {
    const messages = cases.map(({ change, channel = 'shell' }) => [
      {
        ...reply,
        header: { ...reply.header, ...change.header },
        parent_header: { ...reply.parent_header, ...change.parent_header },
        content: change.content ?? reply.content,
      },
      channel,
    ]);
    complaints = check(program, messages) as (string | null)[];
  });

  it.each(
    cases.map(({ name, complaint }, index) => [complaint === undefined ? 'takes' : 'refuses', name, index] as const),
  )('%s %s', (_verdict, _name, index) => {
    const { complaint } = cases[index]!;
    if (complaint === undefined) expect(complaints[index]).toBeNull();
    else expect(complaints[index]).toContain(complaint);
  });

  it('refuses a second message under one id, and a session that changes', () => {
    const two = `
import json, sys
from schema import Validator
message, changes = json.load(sys.stdin)
def second(change):
    validator = Validator()
    validator.check(message)
    try:
        validator.check({**message, "header": {**message["header"], **change}})
    except Exception as error:
        return str(error).splitlines()[0]
print(json.dumps([second(change) for change in changes]))
`;
    const changes = [{}, { msg_id: 'b', session: 'other' }, { msg_id: 'b' }];
    expect(check(two, [reply, changes])).toEqual(['its msg_id was used before', 'the session changed from s', null]);
  });
});
