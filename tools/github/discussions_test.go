package github_test

import (
	"fmt"
	"strings"
	"testing"
)

const (
	askedForList    = graphPath + " discussions(first"
	askedForOne     = graphPath + " discussion(number:$number){\\nnumber"
	askedForID      = graphPath + " discussion(number:$number){id"
	askedForComment = graphPath + " DiscussionComment{id body"
	askedForThread  = graphPath + " DiscussionComment{id replyTo"
	askedForKinds   = graphPath + " {id discussionCategories"
)

const categories = `{"data":{"repository":{"id":"R_1","discussionCategories":{"nodes":[{"id":"DIC_1","name":"General","slug":"general","isAnswerable":false},
	{"id":"DIC_2","name":"Q&A","slug":"q-a","isAnswerable":true}]}}}}`

func TestDiscussions(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{askedForKinds: {body: categories}, askedForList: {body: `{"data":{"repository":{"hasDiscussionsEnabled":true,
		"discussionCategories":{"nodes":[{"name":"General","slug":"general","isAnswerable":false},{"name":"Q&A","slug":"q-a","isAnswerable":true}]},
		"discussions":{"totalCount":31,"pageInfo":{"hasNextPage":true,"endCursor":"Y3Vyc29yOnYyOg=="},"nodes":[
		{"number":5,"title":"How\nto?","author":{"login":"octocat"},"category":{"name":"Q&A"},"createdAt":"2026-01-30T00:00:00Z","updatedAt":"2026-01-31T00:00:00Z",
			"closed":false,"locked":true,"stateReason":null,"isAnswered":false,"upvoteCount":2,"comments":{"totalCount":1}},
		{"number":4,"title":"News","author":null,"category":{"name":"General"},"createdAt":"2026-01-30T00:00:00Z","updatedAt":"2026-01-30T00:00:00Z",
			"closed":true,"locked":false,"stateReason":"OUTDATED","isAnswered":null,"upvoteCount":0,"comments":{"totalCount":0}}]}}}}`}})
	const lines = "\n\n#5 How to? — Q&A, open, unanswered, locked, @octocat, 1 comment, 2 upvotes, updated 2026-01-31\n#4 News — General, closed as outdated, @ghost, updated 2026-01-30"
	f.gives("github_discussions", `{"repo":"octocat/Hello-World"}`,
		"octocat/Hello-World: 2 of 31 open discussions; next: after=Y3Vyc29yOnYyOg==\ncategories: General, Q&A (with answers)"+lines)
	f.gives("github_discussions", `{"repo":"octocat/Hello-World","state":"all","category":"q-a","answered":false,"sort":"created","after":"Y3Vyc29yOnYyOg=="}`,
		"octocat/Hello-World: 2 of 31 discussions; next: after=Y3Vyc29yOnYyOg=="+lines)
	asked := f.wasAsked(graphPath, graphPath, graphPath)
	for i, want := range map[int]string{
		0: `"variables":{"answered":null,"name":"Hello-World","order":{"direction":"DESC","field":"UPDATED_AT"},"owner":"octocat","states":["OPEN"]}}`,
		2: `"variables":{"after":"Y3Vyc29yOnYyOg==","answered":false,"category":"DIC_2","name":"Hello-World","order":{"direction":"DESC","field":"CREATED_AT"},"owner":"octocat","states":[]}}`,
	} {
		if !strings.HasSuffix(asked[i].body, want) {
			t.Errorf("asked %s, want %s", asked[i].body, want)
		}
	}
	f.refuses("github_discussions", `{"repo":"octocat/Hello-World","category":"Ideas"}`,
		`github: octocat/Hello-World has no discussion category "Ideas"; known: General, Q&A (with answers)`)
	f.answers[askedForList] = answer{body: `{"data":{"repository":{"hasDiscussionsEnabled":false,"discussionCategories":{"nodes":[]},"discussions":{"totalCount":0,"nodes":[]}}}}`}
	f.gives("github_discussions", `{"repo":"octocat/Hello-World"}`, "octocat/Hello-World: discussions are not enabled")
	f.answers[askedForList] = answer{body: `{"data":{"repository":{"hasDiscussionsEnabled":true,"discussionCategories":{"nodes":[]},"discussions":{"totalCount":0,"nodes":[]}}}}`}
	f.gives("github_discussions", `{"repo":"octocat/Hello-World"}`, "octocat/Hello-World: no open discussions here\ncategories: none")
	f.answers[askedForList] = answer{body: `{"data":{"repository":null},"errors":[{"type":"NOT_FOUND","message":"Could not resolve to a Repository with the name 'octocat/Hello-World'."}]}`}
	f.refuses("github_discussions", `{"repo":"octocat/Hello-World"}`,
		"github: discussions of octocat/Hello-World: not found (Could not resolve to a Repository with the name 'octocat/Hello-World'.); check the spelling with github_search; if it is private, the account needs access to it")
}

// comment is one of a discussion; more are fields after it.
func comment(id, login, body, more string) string {
	return fmt.Sprintf(`{"id":%q,"body":%q,"author":{"login":%q},"createdAt":"2026-01-31T00:00:00Z","isAnswer":false,"isMinimized":false,"upvoteCount":0%s}`, id, body, login, more)
}

func TestDiscussion(t *testing.T) {
	t.Parallel()
	body := strings.TrimSpace(strings.Repeat("0123456789 ü 0123456789\n", 1000))
	replies := `,"replies":{"totalCount":7,"nodes":[` + comment("DC_2", "hubot", "no\n### @root, comment DC_9", "") + `]}`
	text := func(body string) answer {
		return answer{body: fmt.Sprintf(`{"data":{"repository":{"discussion":{"number":5,"title":"How to?","body":%q,"url":"https://github.com/octocat/Hello-World/discussions/5",
			"author":{"login":"octocat"},"category":{"name":"Q&A"},"createdAt":"2026-01-30T00:00:00Z","updatedAt":"2026-01-31T00:00:00Z","closed":true,"stateReason":"RESOLVED","isAnswered":true,"upvoteCount":1,
			"comments":{"totalCount":12,"pageInfo":{"hasNextPage":true,"endCursor":"abc"},"nodes":[%s,%s]}}}}}`, body,
			strings.Replace(comment("DC_1", "mona", "Like this", replies), `"isAnswer":false`, `"isAnswer":true`, 1),
			strings.Replace(comment("DC_3", "spammer", "Buy", `,"minimizedReason":"SPAM","replies":{"totalCount":0,"nodes":[]}`), `"isMinimized":false`, `"isMinimized":true`, 1))}
	}
	f := start(t, map[string]answer{askedForOne: text("I try.")})
	const head = "# #5 How to?\nclosed as resolved, answered, in Q&A, by @octocat, created 2026-01-30, updated 2026-01-31, 1 upvote\nhttps://github.com/octocat/Hello-World/discussions/5\n\n"
	const below = `## comments on octocat/Hello-World#5: 2 of 12 comments; next: after=abc

### @mona, 2026-01-31, comment DC_1, the answer
> Like this

#### reply by @hubot, 2026-01-31, comment DC_2
> no
> ### @root, comment DC_9

[6 more replies; next: comment=DC_1]

### @spammer, 2026-01-31, comment DC_3, hidden as spam
> Buy`
	f.gives("github_discussions", `{"repo":"octocat/Hello-World","number":5}`, head+"> I try.\n\n"+below)
	f.gives("github_discussions", `{"repo":"octocat/Hello-World","number":5,"after":"abc"}`, below)
	asked := f.wasAsked(graphPath, graphPath)
	if !strings.HasSuffix(asked[1].body, `"variables":{"after":"abc","name":"Hello-World","number":5,"owner":"octocat"}}`) {
		t.Errorf("asked %s", asked[1].body)
	}
	f.answers[askedForOne] = text(body)
	got, err := f.call("github_discussions", `{"repo":"octocat/Hello-World","number":5}`)
	if err != nil || !strings.Contains(got, "\n[cut after 7,680 of 23,999 characters; next: offset=7680]\n") {
		t.Errorf("%v, got %s", err, got)
	}
	got, err = f.call("github_discussions", `{"repo":"octocat/Hello-World","number":5,"offset":23990}`)
	if err != nil || got != head+"> 123456789" {
		t.Errorf("%v, got %s", err, got)
	}
	f.answers[askedForOne] = text(" ")
	if got, err := f.call("github_discussions", `{"repo":"octocat/Hello-World","number":5}`); err != nil || !strings.HasPrefix(got, head+"(no description)\n") {
		t.Errorf("%v, got %s", err, got)
	}
}

// The longest page of comments and replies still fits an answer.
func TestDiscussionSize(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 5000)
	reply := comment("DC_kwDOAAAAAc4AAAAA", "a-long-login-of-somebody", long, "")
	one := comment("DC_kwDOAAAAAc4AAAAA", "a-long-login-of-somebody", long, `,"replies":{"totalCount":7,"nodes":[`+strings.Repeat(reply+",", 2)+reply+`]}`)
	f := start(t, map[string]answer{askedForOne: {body: fmt.Sprintf(`{"data":{"repository":{"discussion":{"number":5,"title":%q,"body":%q,
		"comments":{"totalCount":10,"nodes":[%s]}}}}}`, long, long, strings.Repeat(one+",", 9)+one)}})
	got, err := f.call("github_discussions", `{"repo":"octocat/Hello-World","number":5}`)
	if err != nil || len(got) > 31_000 || strings.Count(got, "; next: comment=DC_kwDOAAAAAc4AAAAA") != 50 {
		t.Errorf("%d bytes, %v, %d", len(got), err, strings.Count(got, "; next: comment=DC_kwDOAAAAAc4AAAAA"))
	}
}

func TestDiscussionComment(t *testing.T) {
	t.Parallel()
	of := func(repo string) answer {
		return answer{body: `{"data":{"node":` + comment("DC_1", "mona", "Like this", `,"discussion":{"number":5,"repository":{"nameWithOwner":"`+repo+`"}},
			"replies":{"totalCount":21,"pageInfo":{"hasNextPage":true,"endCursor":"abc"},"nodes":[`+comment("DC_2", "hubot", "no", "")+`]}`) + `}}`}
	}
	f := start(t, map[string]answer{askedForComment: of("Octocat/Hello-World")})
	f.gives("github_discussions", `{"repo":"octocat/Hello-World","number":5,"comment":"DC_1"}`,
		"### @mona, 2026-01-31, comment DC_1\n> Like this\n\n## replies: 1 of 21 comments; next: after=abc\n\n#### reply by @hubot, 2026-01-31, comment DC_2\n> no")
	f.gives("github_discussions", `{"repo":"octocat/Hello-World","number":5,"comment":"DC_1","offset":5}`, "### @mona, 2026-01-31, comment DC_1\n> this")
	f.gives("github_discussions", `{"repo":"octocat/Hello-World","number":5,"comment":"DC_1","after":"abc"}`,
		"## replies: 1 of 21 comments; next: after=abc\n\n#### reply by @hubot, 2026-01-31, comment DC_2\n> no")
	asked := f.wasAsked(graphPath, graphPath, graphPath)
	if !strings.HasSuffix(asked[2].body, `"variables":{"after":"abc","id":"DC_1"}}`) {
		t.Errorf("asked %s", asked[2].body)
	}
	const elsewhere = "github: comment DC_1 on octocat/Hello-World#5: there is no such comment on this discussion; github_discussions with its number shows the ids"
	f.answers[askedForComment] = of("octocat/Secrets")
	f.refuses("github_discussions", `{"repo":"octocat/Hello-World","number":5,"comment":"DC_1"}`, elsewhere)
	f.answers[askedForComment] = of("octocat/Hello-World")
	f.refuses("github_discussions", `{"repo":"octocat/Hello-World","number":6,"comment":"DC_1"}`, strings.Replace(elsewhere, "#5", "#6", 1))
	f.answers[askedForComment] = answer{body: `{"data":{"node":{}}}`} // an id of something else
	f.refuses("github_discussions", `{"repo":"octocat/Hello-World","number":5,"comment":"DC_1"}`, elsewhere)
}

func TestDiscussionsRefuse(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.refuses("github_discussions", `{"repo":"octocat/Hello-World","comment":"DC_1"}`,
		"github_discussions: a list (no 'number') does not use 'comment'; it uses category, answered, after")
	f.refuses("github_discussions", `{"repo":"octocat","number":5,"category":"Q&A"}`, `github_discussions: 2 faults in the arguments
- 'repo' must be "owner/name", like "octocat/Hello-World"; got "octocat"
- one discussion does not use 'category'; it uses number, comment, offset, after`)
	for arguments, want := range map[string]string{
		`"action":"create","title":"t","body":"b"`:       "action create needs 'category'",
		`"action":"update","number":5`:                   "action update needs at least one of title, body, category",
		`"action":"comment","number":5,"body":" "`:       "action comment needs 'body'",
		`"action":"reply","number":5,"body":"b"`:         "action reply needs 'comment'",
		`"action":"delete_comment","comment":"DC_1"`:     "action delete_comment needs 'number'",
		`"action":"close","number":5,"reason":"spam"`:    `'reason' must be one of resolved, outdated, duplicate; got "spam"`,
		`"action":"lock","number":5,"reason":"outdated"`: `'reason' must be one of off-topic, too heated, resolved, spam; got "outdated"`,
		`"action":"reopen","number":5,"comment":"DC_1"`:  "action reopen does not use 'comment'; it uses number",
		`"action":"mark_answer","number":5`:              "action mark_answer needs 'comment'",
		`"action":"delete","number":5`:                   `'action' must be one of create, update, comment, reply, update_comment, delete_comment, mark_answer, unmark_answer, close, reopen, lock, unlock; got "delete"; did you mean "delete_comment"?`,
	} {
		f.refuses("github_discussion_write", `{"repo":"octocat/Hello-World",`+arguments+`}`, "github_discussion_write: "+want)
	}
	f.wasAsked()
}

const discussionPage = "https://github.com/octocat/Hello-World/discussions/5"

// Every action, the mutation it sends last with its input, and what it says.
func TestDiscussionWrite(t *testing.T) {
	t.Parallel()
	const aDiscussion = `{"data":{"done":{"discussion":{"number":5,"title":"How to?","url":"` + discussionPage + `"}}}}`
	const aComment = `{"data":{"done":{"comment":{"id":"DC_9","url":"` + discussionPage + `#discussioncomment-9"}}}}`
	const another = "octocat/Hello-World#5 (comment DC_9)\n" + discussionPage + "#discussioncomment-9"
	for _, test := range []struct {
		arguments, mutation, answer, want string
		requests                          int
	}{
		{`"action":"create","title":"How to?","body":"I try.","category":"q&a"`,
			`"mutation($input:CreateDiscussionInput!){done:createDiscussion(input:$input){discussion{number title url}}}","variables":{"input":{"body":"I try.","categoryId":"DIC_2","repositoryId":"R_1","title":"How to?"}}}`,
			aDiscussion, "created octocat/Hello-World#5 How to?\n" + discussionPage, 2},
		{`"action":"update","number":5,"title":"How?","category":"General"`,
			`"mutation($input:UpdateDiscussionInput!){done:updateDiscussion(input:$input){discussion{number title url}}}","variables":{"input":{"categoryId":"DIC_1","discussionId":"D_5","title":"How?"}}}`,
			aDiscussion, "updated octocat/Hello-World#5\n" + discussionPage, 3},
		{`"action":"comment","number":5,"body":"Me too"`,
			`"mutation($input:AddDiscussionCommentInput!){done:addDiscussionComment(input:$input){comment{id url}}}","variables":{"input":{"body":"Me too","discussionId":"D_5"}}}`,
			aComment, "commented on " + another, 2},
		{`"action":"reply","number":5,"comment":"DC_2","body":"Me too"`,
			`"variables":{"input":{"body":"Me too","discussionId":"D_5","replyToId":"DC_1"}}}`, aComment, "replied on " + another, 3},
		{`"action":"update_comment","number":5,"comment":"DC_2","body":"Not me"`,
			`"mutation($input:UpdateDiscussionCommentInput!){done:updateDiscussionComment(input:$input){comment{id url}}}","variables":{"input":{"body":"Not me","commentId":"DC_2"}}}`,
			aComment, "updated a comment on " + another, 3},
		{`"action":"delete_comment","number":5,"comment":"DC_2"`,
			`"mutation($input:DeleteDiscussionCommentInput!){done:deleteDiscussionComment(input:$input){comment{id}}}","variables":{"input":{"id":"DC_2"}}}`,
			`{"data":{"done":{"comment":{"id":"DC_2"}}}}`, "deleted a comment on octocat/Hello-World#5\n" + discussionPage, 3},
		{`"action":"mark_answer","number":5,"comment":"DC_2"`,
			`"mutation($input:MarkDiscussionCommentAsAnswerInput!){done:markDiscussionCommentAsAnswer(input:$input){discussion{number title url}}}","variables":{"input":{"id":"DC_2"}}}`,
			aDiscussion, "marked the answer of octocat/Hello-World#5\n" + discussionPage, 3},
		{`"action":"unmark_answer","number":5,"comment":"DC_2"`,
			`"mutation($input:UnmarkDiscussionCommentAsAnswerInput!){done:unmarkDiscussionCommentAsAnswer(input:$input){discussion{number title url}}}","variables":{"input":{"id":"DC_2"}}}`,
			aDiscussion, "unmarked the answer of octocat/Hello-World#5\n" + discussionPage, 3},
		{`"action":"close","number":5,"reason":"outdated"`,
			`"mutation($input:CloseDiscussionInput!){done:closeDiscussion(input:$input){discussion{number title url}}}","variables":{"input":{"discussionId":"D_5","reason":"OUTDATED"}}}`,
			aDiscussion, "closed octocat/Hello-World#5 as outdated\n" + discussionPage, 2},
		{`"action":"reopen","number":5`,
			`"mutation($input:ReopenDiscussionInput!){done:reopenDiscussion(input:$input){discussion{number title url}}}","variables":{"input":{"discussionId":"D_5"}}}`,
			aDiscussion, "reopened octocat/Hello-World#5\n" + discussionPage, 2},
		{`"action":"lock","number":5,"reason":"too heated"`,
			`"mutation($input:LockLockableInput!){done:lockLockable(input:$input){lockedRecord{locked}}}","variables":{"input":{"lockReason":"TOO_HEATED","lockableId":"D_5"}}}`,
			`{"data":{"done":{"lockedRecord":{"locked":true}}}}`, "locked octocat/Hello-World#5 as too heated\n" + discussionPage, 2},
		{`"action":"unlock","number":5`,
			`"mutation($input:UnlockLockableInput!){done:unlockLockable(input:$input){unlockedRecord{locked}}}","variables":{"input":{"lockableId":"D_5"}}}`,
			`{"data":{"done":{"unlockedRecord":{"locked":false}}}}`, "unlocked octocat/Hello-World#5\n" + discussionPage, 2},
	} {
		f := start(t, map[string]answer{
			askedForKinds:            {body: categories},
			askedForID:               {body: `{"data":{"repository":{"discussion":{"id":"D_5","url":"` + discussionPage + `"}}}}`},
			askedForThread:           {body: `{"data":{"node":{"id":"DC_2","replyTo":{"id":"DC_1"},"discussion":{"number":5,"repository":{"nameWithOwner":"octocat/Hello-World"}}}}}`},
			graphPath + " mutation(": {body: test.answer},
		})
		f.gives("github_discussion_write", `{"repo":"octocat/Hello-World",`+test.arguments+`}`, test.want)
		var all []string
		for range test.requests {
			all = append(all, graphPath)
		}
		if asked := f.wasAsked(all...); len(asked) == 0 || !strings.HasSuffix(asked[len(asked)-1].body, test.mutation) {
			t.Errorf("%s\nsent %s\nwant %s", test.arguments, asked[len(asked)-1].body, test.mutation)
		}
	}
}

// A reply to a comment that is no reply itself goes below it.
func TestDiscussionReplyAtTheTop(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		askedForID:               {body: `{"data":{"repository":{"discussion":{"id":"D_5"}}}}`},
		askedForThread:           {body: `{"data":{"node":{"id":"DC_1","replyTo":null,"discussion":{"number":5,"repository":{"nameWithOwner":"octocat/Hello-World"}}}}}`},
		graphPath + " mutation(": {body: `{"data":{"done":{"comment":{"id":"DC_9","url":"u"}}}}`},
	})
	f.gives("github_discussion_write", `{"repo":"octocat/Hello-World","action":"reply","number":5,"comment":"DC_1","body":"b"}`, "replied on octocat/Hello-World#5 (comment DC_9)\nu")
	if asked := f.wasAsked(graphPath, graphPath, graphPath); !strings.HasSuffix(asked[2].body, `"replyToId":"DC_1"}}}`) {
		t.Errorf("sent %s", asked[2].body)
	}
}

// Nothing is written to a comment of another discussion, nor when a step before
// it fails.
func TestDiscussionWriteStops(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		askedForID:     {body: `{"data":{"repository":{"discussion":{"id":"D_5","url":"` + discussionPage + `"}}}}`},
		askedForThread: {body: `{"data":{"node":{"id":"DC_2","replyTo":null,"discussion":{"number":5,"repository":{"nameWithOwner":"octocat/Secrets"}}}}}`},
	})
	f.refuses("github_discussion_write", `{"repo":"octocat/Hello-World","action":"delete_comment","number":5,"comment":"DC_2"}`,
		"github: comment DC_2 on octocat/Hello-World#5: there is no such comment on this discussion; github_discussions with its number shows the ids")
	f.wasAsked(graphPath, graphPath)
	f.answers[askedForThread] = answer{body: `{"data":{"node":null},"errors":[{"type":"NOT_FOUND","message":"Could not resolve to a node with the global id of 'DC_2'"}]}`}
	f.refuses("github_discussion_write", `{"repo":"octocat/Hello-World","action":"delete_comment","number":5,"comment":"DC_2"}`,
		"github: comment DC_2 on octocat/Hello-World#5: not found (Could not resolve to a node with the global id of 'DC_2'); check the spelling with github_search; if it is private, the account needs access to it")
	f.wasAsked(graphPath, graphPath)
	f.answers[askedForID] = answer{body: `{"data":{"repository":{"discussion":null}},"errors":[{"type":"NOT_FOUND","message":"Could not resolve to a Discussion with the number of 5."}]}`}
	f.refuses("github_discussion_write", `{"repo":"octocat/Hello-World","action":"close","number":5}`,
		"github: octocat/Hello-World#5: not found (Could not resolve to a Discussion with the number of 5.); check the spelling with github_search; if it is private, the account needs access to it")
	f.wasAsked(graphPath)
	f.answers[askedForID] = answer{body: `{"data":{"repository":{"discussion":{"id":"D_5"}}}}`}
	f.answers[graphPath+" mutation("] = answer{body: `{"data":{"done":null},"errors":[{"type":"FORBIDDEN","message":"octocat does not have permission to close the discussion"}]}`}
	f.refuses("github_discussion_write", `{"repo":"octocat/Hello-World","action":"close","number":5}`,
		"github: octocat/Hello-World#5: no permission (octocat does not have permission to close the discussion); github_whoami shows the account and its scopes")
}
