package model

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// format is one way of talking to a model.
type format struct {
	path string
	read func(body []byte) (conversation, error)
	// call and say answer the stream that calls a tool with arguments in JSON, or
	// says a text.
	call func(id, tool, arguments string) string
	say  func(text string) string
}

func formats() []format {
	return []format{
		{"/messages", readMessages, callMessages, sayMessages},
		{"/responses", readResponses, callResponses, sayResponses},
		{"/chat/completions", readChat, callChat, sayChat},
		{":streamGenerateContent", readGemini, callGemini, sayGemini},
	}
}

var eventType = regexp.MustCompile(`^\{"type":"([a-z_.]+)"`)

// events makes a stream of JSON texts, named by their type if they have one.
func events(all ...string) string {
	var stream strings.Builder
	for _, data := range all {
		if name := eventType.FindStringSubmatch(data); name != nil {
			fmt.Fprintf(&stream, "event: %s\n", name[1])
		}
		fmt.Fprintf(&stream, "data: %s\n\n", data)
	}
	return stream.String()
}

// textOf answers the text in a string, or in a list of parts with texts.
func textOf(content json.RawMessage) string {
	var text string
	if json.Unmarshal(content, &text) == nil {
		return text
	}
	var parts []struct{ Text string }
	if json.Unmarshal(content, &parts) != nil {
		return string(content)
	}
	for _, part := range parts {
		text += part.Text
	}
	return text
}

// Messages: https://docs.anthropic.com/en/api/messages-streaming

func readMessages(body []byte) (conversation, error) {
	var asked struct {
		Tools    []struct{ Name string }
		Messages []struct {
			Role    string
			Content json.RawMessage
		}
	}
	var c conversation
	if err := json.Unmarshal(body, &asked); err != nil {
		return c, err
	}
	for _, tool := range asked.Tools {
		c.tools = append(c.tools, tool.Name)
	}
	for _, message := range asked.Messages {
		var parts []struct {
			Type    string
			Content json.RawMessage
		}
		_ = json.Unmarshal(message.Content, &parts) // It may be a string, which has none.
		if message.Role == "assistant" {
			c.called = false
		}
		for _, part := range parts {
			switch part.Type {
			case "tool_use":
				c.called = true
			case "tool_result":
				c.results = append(c.results, textOf(part.Content))
			}
		}
	}
	return c, nil
}

func messagesStream(start, delta, reason string) string {
	return events(
		`{"type":"message_start","message":{"id":"msg_example","type":"message","role":"assistant","model":"practice","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}`,
		`{"type":"content_block_start","index":0,"content_block":`+start+`}`,
		`{"type":"content_block_delta","index":0,"delta":`+delta+`}`,
		`{"type":"content_block_stop","index":0}`,
		`{"type":"message_delta","delta":{"stop_reason":"`+reason+`","stop_sequence":null},"usage":{"output_tokens":1}}`,
		`{"type":"message_stop"}`,
	)
}

func callMessages(id, tool, arguments string) string {
	return messagesStream(`{"type":"tool_use","id":"`+id+`","name":`+quoted(tool)+`,"input":{}}`, `{"type":"input_json_delta","partial_json":`+quoted(arguments)+`}`, "tool_use")
}

func sayMessages(text string) string {
	return messagesStream(`{"type":"text","text":""}`, `{"type":"text_delta","text":`+quoted(text)+`}`, "end_turn")
}

// Responses: https://platform.openai.com/docs/api-reference/responses-streaming

func readResponses(body []byte) (conversation, error) {
	type tool struct{ Type, Name string }
	var asked struct {
		Tools []struct {
			tool
			Tools []tool
		}
		Input []struct {
			Type, Role string
			Output     json.RawMessage
		}
	}
	var c conversation
	if err := json.Unmarshal(body, &asked); err != nil {
		return c, err
	}
	for _, t := range asked.Tools {
		if t.Type == "function" {
			c.tools = append(c.tools, t.Name)
		}
		for _, inner := range t.Tools {
			c.tools = append(c.tools, t.Name+"\n"+inner.Name)
		}
	}
	for _, item := range asked.Input {
		switch {
		case item.Type == "function_call":
			c.called = true
		case item.Type == "function_call_output":
			c.results = append(c.results, textOf(item.Output))
		case item.Role == "assistant":
			c.called = false
		}
	}
	return c, nil
}

func responsesStream(item string) string {
	return events(
		`{"type":"response.created","response":{"id":"resp_example"}}`,
		`{"type":"response.output_item.done","output_index":0,"item":`+item+`}`,
		`{"type":"response.completed","response":{"id":"resp_example","usage":{"input_tokens":1,"input_tokens_details":null,"output_tokens":1,"output_tokens_details":null,"total_tokens":2}}}`,
	)
}

// callResponses names the namespace of a tool that has one.
func callResponses(id, tool, arguments string) string {
	namespace, name, found := strings.Cut(tool, "\n")
	if !found {
		return responsesStream(`{"type":"function_call","call_id":"` + id + `","name":` + quoted(tool) + `,"arguments":` + quoted(arguments) + `}`)
	}
	return responsesStream(`{"type":"function_call","call_id":"` + id + `","namespace":` + quoted(namespace) + `,"name":` + quoted(name) + `,"arguments":` + quoted(arguments) + `}`)
}

func sayResponses(text string) string {
	return responsesStream(`{"type":"message","role":"assistant","id":"msg_example","content":[{"type":"output_text","text":` + quoted(text) + `}]}`)
}

// Chat Completions: https://platform.openai.com/docs/api-reference/chat-streaming

func readChat(body []byte) (conversation, error) {
	var asked struct {
		Tools    []struct{ Function struct{ Name string } }
		Messages []struct {
			Role      string
			Content   json.RawMessage
			ToolCalls []json.RawMessage `json:"tool_calls"`
		}
	}
	var c conversation
	if err := json.Unmarshal(body, &asked); err != nil {
		return c, err
	}
	for _, tool := range asked.Tools {
		c.tools = append(c.tools, tool.Function.Name)
	}
	for _, message := range asked.Messages {
		switch message.Role {
		case "assistant":
			c.called = len(message.ToolCalls) > 0
		case "tool":
			c.results = append(c.results, textOf(message.Content))
		}
	}
	return c, nil
}

func chatStream(delta, reason string) string {
	const head = `{"id":"chat_example","object":"chat.completion.chunk","created":1,"model":"practice","choices":[{"index":0,"delta":`
	return events(
		head+delta+`,"finish_reason":null}]}`,
		head+`{},"finish_reason":"`+reason+`"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`,
		"[DONE]",
	)
}

func callChat(id, tool, arguments string) string {
	return chatStream(`{"role":"assistant","tool_calls":[{"index":0,"id":"`+id+`","type":"function","function":{"name":`+quoted(tool)+`,"arguments":`+quoted(arguments)+`}}]}`, "tool_calls")
}

func sayChat(text string) string {
	return chatStream(`{"role":"assistant","content":`+quoted(text)+`}`, "stop")
}

// generateContent: https://ai.google.dev/api/generate-content

func readGemini(body []byte) (conversation, error) {
	var asked struct {
		Tools []struct {
			FunctionDeclarations []struct{ Name string }
		}
		Contents []struct {
			Role  string
			Parts []struct {
				FunctionCall     *struct{}
				FunctionResponse *struct{ Response json.RawMessage }
			}
		}
	}
	var c conversation
	if err := json.Unmarshal(body, &asked); err != nil {
		return c, err
	}
	for _, tool := range asked.Tools {
		for _, function := range tool.FunctionDeclarations {
			c.tools = append(c.tools, function.Name)
		}
	}
	for _, content := range asked.Contents {
		if content.Role == "model" {
			c.called = false
		}
		for _, part := range content.Parts {
			c.called = c.called || part.FunctionCall != nil
			if part.FunctionResponse != nil {
				c.results = append(c.results, outputOf(part.FunctionResponse.Response))
			}
		}
	}
	return c, nil
}

// outputOf answers the text that a function's response has under the name output.
func outputOf(response json.RawMessage) string {
	var said struct{ Output json.RawMessage }
	if json.Unmarshal(response, &said) != nil || said.Output == nil {
		return string(response)
	}
	return textOf(said.Output)
}

func geminiStream(part string) string {
	return events(`{"candidates":[{"index":0,"content":{"role":"model","parts":[` + part + `]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2},"modelVersion":"practice"}`)
}

func callGemini(id, tool, arguments string) string {
	return geminiStream(`{"functionCall":{"id":"` + id + `","name":` + quoted(tool) + `,"args":` + arguments + `}}`)
}

func sayGemini(text string) string {
	return geminiStream(`{"text":` + quoted(text) + `}`)
}
