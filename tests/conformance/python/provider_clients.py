"""Calls that an application makes, by the PyPI libraries of the providers, unmodified: openai, anthropic, google-genai,
ollama, langchain-openai, langchain-google-genai. GE_LIBRARY says which, GE_URL where, GE_GATEWAY whether attacks are refused
there. One line of JSON per test; what a library logs or warns of is on standard error."""

import asyncio
import base64
import json
import math
import os
import sys
import time
import traceback

from say import only_our_complaints, say

only_our_complaints()

URL = os.environ["GE_URL"]
GATEWAY = os.environ.get("GE_GATEWAY") == "1"
SESSION = os.environ["GE_SESSION"]
KNOWN = json.loads(os.environ["GE_KNOWN"])  # what llm_targets.mjs has
ATTACK, SHOP, TOOL, SCHEMA, PICTURE, SLOW, FAULT = (KNOWN[key] for key in ("attack", "shop", "tool", "schema", "picture", "slow", "header"))
QUESTION = "What does the Fjord shell cost?"
WEATHER = "What is the weather in Paris?"
RAIN = "Rain and 12 degrees in Paris."
STALL = "stall_after_tokens=2; stall_ms=20000"
TIMEOUT_S = 0.4
SOON_S = 8
TESTS = {}


def library(function):
    TESTS[function.__name__] = function
    return function


def counts(*numbers):
    for number in numbers:
        assert isinstance(number, int) and number > 0, f"a count is {number}"


def fails(call, kind, check=lambda error: None):
    """`call` raises `kind`, soon."""
    began = time.monotonic()
    try:
        call()
    except kind as error:
        assert time.monotonic() - began < SOON_S, f"it took {time.monotonic() - began} s"
        return check(error)
    raise AssertionError("the call did not fail")


def has_price(text):
    assert "149" in text, text


def has(value, word):
    assert word in str(value), value


def identity(fault=None):
    return {"x-session-id": SESSION, **({FAULT: fault} if fault else {})}


@library
def openai():
    import openai as sdk

    client = sdk.OpenAI(api_key="sk-test", base_url=f"{URL}/v1", max_retries=0, default_headers=identity())
    messages = [{"role": "system", "content": SHOP}, {"role": "user", "content": QUESTION}]
    asked = [{"role": "user", "content": WEATHER}]
    tools = [{"type": "function", "function": TOOL}]

    def chat(fault=None, messages=messages, **more):
        return client.chat.completions.create(model="gpt-4o-mini", messages=messages, extra_headers={FAULT: fault} if fault else None, **more)

    def plain():
        answer = chat()
        has_price(answer.choices[0].message.content)
        assert answer.choices[0].finish_reason == "stop"
        counts(answer.usage.prompt_tokens, answer.usage.completion_tokens)

    def streamed():
        text, usage = "", None
        for chunk in chat(stream=True, stream_options={"include_usage": True}):
            text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
            usage = chunk.usage or usage
        has_price(text)
        counts(usage.prompt_tokens, usage.completion_tokens)

    async def asynchronous():
        async with sdk.AsyncOpenAI(api_key="sk-test", base_url=f"{URL}/v1", max_retries=0, default_headers=identity()) as more:
            answers = await asyncio.gather(*(more.chat.completions.create(model="gpt-4o-mini", messages=messages) for _ in range(5)))
        for answer in answers:
            has_price(answer.choices[0].message.content)

    def tool():
        first = chat(messages=asked, tools=tools)
        call = first.choices[0].message.tool_calls[0]
        assert json.loads(call.function.arguments) == {"city": "Paris"}
        second = chat(messages=[*asked, first.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": RAIN}], tools=tools)
        has(second.choices[0].message.content, "12")

    def structured():
        answer = chat(response_format={"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True}})
        assert isinstance(json.loads(answer.choices[0].message.content)["price"], (int, float))

    def picture():
        content = [{"type": "text", "text": "What is on this picture?"}, {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}}]
        assert chat(messages=[{"role": "user", "content": content}]).choices[0].message.content

    def embeddings():
        answer = client.embeddings.create(model="text-embedding-3-small", input=["red boots", "blue boots"], dimensions=64)
        assert [len(one.embedding) for one in answer.data] == [64, 64]
        assert abs(math.hypot(*answer.data[0].embedding) - 1) < 0.01

    def response():
        has_price(client.responses.create(model="gpt-4o-mini", instructions=SHOP, input=QUESTION).output_text)
        with client.responses.stream(model="gpt-4o-mini", instructions=SHOP, input=QUESTION) as stream:
            stream.until_done()
            has_price(stream.get_final_response().output_text)

    def limited():
        fails(lambda: chat("status=429; retry_after=2"), sdk.RateLimitError, lambda e: has(e.response.headers["retry-after"], "2"))

    def away():
        fails(lambda: chat("status=500"), sdk.InternalServerError)

    def broken_stream():
        fails(lambda: list(chat("error_after_tokens=3", stream=True)), sdk.APIError)

    def timed_out():
        fails(lambda: chat(SLOW, timeout=TIMEOUT_S), sdk.APITimeoutError)

    def cancelled():
        began = time.monotonic()
        with chat(STALL, stream=True) as stream:
            next(iter(stream))
        assert time.monotonic() - began < SOON_S

    def attack():
        def check(error):
            assert error.status_code == 403 and error.code == "godseye_blocked", error

        fails(lambda: chat(messages=[{"role": "user", "content": ATTACK}]), sdk.PermissionDeniedError, check)

    return [plain, streamed, asynchronous, tool, structured, picture, embeddings, response, limited, away, broken_stream, timed_out, cancelled, attack]


@library
def anthropic():
    import anthropic as sdk

    client = sdk.Anthropic(api_key="sk-ant-test", base_url=URL, max_retries=0, default_headers=identity())
    tools = [{"name": TOOL["name"], "description": TOOL["description"], "input_schema": TOOL["parameters"]}]

    def ask(content=QUESTION, fault=None, messages=None, **more):
        messages = messages or [{"role": "user", "content": content}]
        headers = {FAULT: fault} if fault else None
        return {"model": "claude-sonnet-5", "max_tokens": 300, "system": SHOP, "messages": messages, "extra_headers": headers, **more}

    def plain():
        answer = client.messages.create(**ask())
        has_price(answer.content[0].text)
        assert answer.stop_reason == "end_turn"
        counts(answer.usage.input_tokens, answer.usage.output_tokens)

    def streamed():
        with client.messages.stream(**ask()) as stream:
            text = "".join(stream.text_stream)
            final = stream.get_final_message()
        has_price(text)
        assert final.content[0].text == text
        counts(final.usage.input_tokens, final.usage.output_tokens)

    def tool():
        plainly = {"tools": tools, "system": "Answer briefly."}
        first = client.messages.create(**{**ask(WEATHER), **plainly})
        call = next(part for part in first.content if part.type == "tool_use")
        assert call.input == {"city": "Paris"}
        result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": RAIN}]}
        second = client.messages.create(**{**ask(messages=[{"role": "user", "content": WEATHER}, {"role": "assistant", "content": first.content}, result]), **plainly})
        has(second.content[0].text, "12")

    def picture():
        image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PICTURE}}
        assert client.messages.create(**ask([image, {"type": "text", "text": "What is on this picture?"}])).content[0].text

    def tokens():
        counts(client.messages.count_tokens(model="claude-sonnet-5", messages=[{"role": "user", "content": QUESTION}]).input_tokens)

    def limited():
        fails(lambda: client.messages.create(**ask(fault="status=429; retry_after=2")), sdk.RateLimitError, lambda e: has(e.response.headers["retry-after"], "2"))

    def away():
        fails(lambda: client.messages.create(**ask(fault="status=500")), sdk.InternalServerError)

    def broken_stream():
        def read():
            with client.messages.stream(**ask(fault="error_after_tokens=3")) as stream:
                stream.until_done()

        fails(read, sdk.APIError)

    def timed_out():
        fails(lambda: client.messages.create(**ask(fault=SLOW), timeout=TIMEOUT_S), sdk.APITimeoutError)

    def cancelled():
        began = time.monotonic()
        with client.messages.stream(**ask(fault=STALL)) as stream:
            next(iter(stream.text_stream))
        assert time.monotonic() - began < SOON_S

    def attack():
        fails(lambda: client.messages.create(**ask(ATTACK)), sdk.PermissionDeniedError, lambda e: has(e.body, "godseye_blocked"))

    return [plain, streamed, tool, picture, tokens, limited, away, broken_stream, timed_out, cancelled, attack]


@library
def google_genai():
    from google import genai as sdk
    from google.genai import errors, types

    client = sdk.Client(api_key="test-key", http_options=types.HttpOptions(base_url=URL, headers=identity()))
    model = "gemini-2.5-flash"

    def config(fault=None, timeout=None, **more):
        options = types.HttpOptions(headers={FAULT: fault} if fault else None, timeout=timeout)
        return types.GenerateContentConfig(system_instruction=SHOP, http_options=options, **more)

    tools = [types.Tool(function_declarations=[types.FunctionDeclaration(name=TOOL["name"], description=TOOL["description"], parameters_json_schema=TOOL["parameters"])])]

    def plain():
        answer = client.models.generate_content(model=model, contents=QUESTION, config=config())
        has_price(answer.text)
        counts(answer.usage_metadata.prompt_token_count, answer.usage_metadata.candidates_token_count)

    def streamed():
        has_price("".join(chunk.text or "" for chunk in client.models.generate_content_stream(model=model, contents=QUESTION, config=config())))

    async def asynchronous():
        answer = await client.aio.models.generate_content(model=model, contents=QUESTION, config=config())
        has_price(answer.text)
        await client.aio.aclose()

    def tool():
        first = client.models.generate_content(model=model, contents=WEATHER, config=types.GenerateContentConfig(tools=tools))
        call = first.function_calls[0]
        assert call.args == {"city": "Paris"}, call
        result = types.Part(function_response=types.FunctionResponse(id=call.id, name=call.name, response={"output": RAIN}))
        contents = [types.Content(role="user", parts=[types.Part(text=WEATHER)]), first.candidates[0].content, types.Content(role="user", parts=[result])]
        has(client.models.generate_content(model=model, contents=contents, config=types.GenerateContentConfig(tools=tools)).text, "12")

    def structured():
        answer = client.models.generate_content(model=model, contents=QUESTION, config=config(response_mime_type="application/json", response_json_schema=SCHEMA))
        assert isinstance(json.loads(answer.text)["price"], (int, float))

    def picture():
        image = types.Part.from_bytes(data=base64.b64decode(PICTURE), mime_type="image/png")
        assert client.models.generate_content(model=model, contents=[image, "What is on this picture?"]).text

    def embeddings():
        answer = client.models.embed_content(model="gemini-embedding-001", contents=["red boots", "blue boots"], config=types.EmbedContentConfig(output_dimensionality=64))
        assert [len(one.values) for one in answer.embeddings] == [64, 64]

    def tokens():
        counts(client.models.count_tokens(model=model, contents=QUESTION).total_tokens)

    def models():
        assert any(one.name for one in client.models.list())

    def failed(fault, code, kind):
        fails(lambda: client.models.generate_content(model=model, contents=QUESTION, config=config(fault)), kind, lambda e: has(e.code, str(code)))

    def limited():
        failed("status=429; retry_after=2", 429, errors.ClientError)

    def away():
        failed("status=503", 503, errors.ServerError)

    def broken_stream():
        fails(lambda: list(client.models.generate_content_stream(model=model, contents=QUESTION, config=config("error_after_tokens=3"))), Exception)

    def timed_out():
        fails(lambda: client.models.generate_content(model=model, contents=QUESTION, config=config(SLOW, timeout=int(TIMEOUT_S * 1000))), Exception, lambda e: has(type(e).__name__, "Timeout"))

    def attack():
        def check(error):
            assert error.code == 403, error
            has(error, "godseye_blocked")

        fails(lambda: client.models.generate_content(model=model, contents=ATTACK), errors.ClientError, check)

    return [plain, streamed, asynchronous, tool, structured, picture, embeddings, tokens, models, limited, away, broken_stream, timed_out, attack]


@library
def ollama():
    import httpx
    import ollama as sdk

    messages = [{"role": "system", "content": SHOP}, {"role": "user", "content": QUESTION}]

    def client(fault=None, **more):
        return sdk.Client(host=URL, headers=identity(fault), **more)

    def plain():
        answer = client().chat(model="llama3.2", messages=messages)
        has_price(answer.message.content)
        counts(answer.prompt_eval_count, answer.eval_count)

    def streamed():
        parts = list(client().chat(model="llama3.2", messages=messages, stream=True))
        has_price("".join(part.message.content for part in parts))
        assert parts[-1].done

    def generated():
        has_price(client().generate(model="llama3.2", system=SHOP, prompt=QUESTION).response)

    def tool():
        answer = client().chat(model="llama3.2", messages=[{"role": "user", "content": WEATHER}], tools=[{"type": "function", "function": TOOL}])
        assert answer.message.tool_calls[0].function.arguments == {"city": "Paris"}

    def structured():
        assert isinstance(json.loads(client().chat(model="llama3.2", messages=messages, format=SCHEMA).message.content)["price"], (int, float))

    def picture():
        assert client().chat(model="llama3.2", messages=[{"role": "user", "content": "What is on this picture?", "images": [PICTURE]}]).message.content

    def embeddings():
        assert len(client().embed(model="nomic-embed-text", input=["red boots", "blue boots"]).embeddings) == 2

    def limited():
        fails(lambda: client("status=429").chat(model="llama3.2", messages=messages), sdk.ResponseError, lambda e: has(e.status_code, "429"))

    def broken_stream():
        fails(lambda: list(client("error_after_tokens=3").chat(model="llama3.2", messages=messages, stream=True)), sdk.ResponseError)

    def timed_out():
        fails(lambda: client(SLOW, timeout=TIMEOUT_S).chat(model="llama3.2", messages=messages), httpx.TimeoutException)

    def attack():
        fails(lambda: client().chat(model="llama3.2", messages=[{"role": "user", "content": ATTACK}]), sdk.ResponseError, lambda e: has(e.status_code, "403"))

    return [plain, streamed, generated, tool, structured, picture, embeddings, limited, broken_stream, timed_out, attack]


def langchain(made, limited_error, denied_error):
    from langchain_core.messages import HumanMessage
    from langchain_core.tools import tool as as_tool

    messages = [("system", SHOP), ("human", QUESTION)]

    @as_tool
    def get_weather(city: str) -> str:
        """The weather in a city."""
        return f"Rain and 12 degrees in {city}."

    def plain():
        answer = made().invoke(messages)
        has_price(answer.text)
        counts(answer.usage_metadata["input_tokens"], answer.usage_metadata["output_tokens"])

    def streamed():
        has_price("".join(chunk.text for chunk in made().stream(messages)))

    def tool():
        model = made().bind_tools([get_weather])
        asked = HumanMessage(WEATHER)
        first = model.invoke([asked])
        assert first.tool_calls[0]["args"] == {"city": "Paris"}, first.tool_calls
        has(model.invoke([asked, first, get_weather.invoke(first.tool_calls[0])]).text, "12")

    def structured():
        assert isinstance(made().with_structured_output({**SCHEMA, "title": "answer", "description": "the answer"}).invoke(messages)["price"], (int, float))

    def picture():
        content = [{"type": "text", "text": "What is on this picture?"}, {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}}]
        assert made().invoke([HumanMessage(content=content)]).text

    def limited():
        fails(lambda: made("status=429; retry_after=2").invoke(messages), limited_error, lambda e: has(e, "429"))

    def attack():
        fails(lambda: made().invoke([("human", ATTACK)]), denied_error, lambda e: has(e, "403"))

    return [plain, streamed, tool, structured, picture, limited, attack]


@library
def langchain_openai():
    import openai as sdk
    from langchain_openai import ChatOpenAI, OpenAIEmbeddings

    common = {"api_key": "sk-test", "base_url": f"{URL}/v1", "max_retries": 0}

    def made(fault=None):
        return ChatOpenAI(model="gpt-4o-mini", default_headers=identity(fault), **common)

    def embeddings():
        model = OpenAIEmbeddings(model="text-embedding-3-small", dimensions=64, default_headers=identity(), check_embedding_ctx_length=False, **common)
        assert len(model.embed_query("red boots")) == 64

    return [*langchain(made, sdk.RateLimitError, sdk.PermissionDeniedError), embeddings]


@library
def langchain_google_genai():
    from langchain_google_genai import ChatGoogleGenerativeAI

    def made(fault=None):
        return ChatGoogleGenerativeAI(model="gemini-2.5-flash", api_key="test-key", base_url=URL, max_retries=1, additional_headers=identity(fault))

    return langchain(made, Exception, Exception)


def run(test):
    made = test()
    if asyncio.iscoroutine(made):
        asyncio.run(made)


for each in TESTS[os.environ["GE_LIBRARY"]]():
    if each.__name__ == "attack" and not GATEWAY:
        continue
    try:
        run(each)
        say(each.__name__, ok=True)
    except Exception as error:  # noqa: BLE001 - said, and the others go on
        say(each.__name__, ok=False, error=f"{type(error).__name__}: {error}"[:2000], where="".join(traceback.format_tb(error.__traceback__)[-2:]))
sys.stdout.flush()
