"""Whether somebody's life or body is in danger: what is regular by rule, the rest by nearness to phrases.

The phrases are general ones, in many wordings; `ALIVE_AND_WELL` are the turns of speech, and the posts about
sad things, that only sound like it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amends.understanding.encoder import Encoder, Floats

IN_DANGER = (
    "I am thinking of killing myself",
    "I want to take my own life",
    "I don't want to live any longer",
    "I wish I was dead, I mean it",
    "life isn't worth living",
    "there is no point in being alive",
    "I have nothing left to live for",
    "people would be better without me",
    "the world is better off without me",
    "nobody would care if I was gone for good",
    "I am planning my suicide",
    "I'm feeling suicidal",
    "I have a plan to end it all",
    "tonight I will end my life",
    "I am going to do something to hurt myself",
    "I have hurt myself on purpose",
    "I've been self harming because of this",
    "I've swallowed a load of pills",
    "she has taken too many painkillers",
    "he took an overdose",
    "I have the tablets ready",
    "I have a rope and I'm going to use it",
    "he tried to hang himself",
    "she is cutting her arms",
    "he has cut his wrists",
    "she is standing on a ledge and wants to jump",
    "a man is on the roof about to jump",
    "someone is going to jump in front of a train",
    "a student wrote that he cannot go on living",
    "a follower says she will kill herself tonight",
    "a pupil messaged us a goodbye note",
    "she sent a farewell message and says nobody will miss her",
    "he left a suicide note on our page",
    "a customer on our chat says he will take his own life",
    "my friend is suicidal and I can't reach her",
    "he want to die, he write this on our page",
    "I not want live anymore",
    "going to kill meself",
    "im gona end my life",
    "someone threatens to kill our receptionist",
    "he says he is coming here to shoot us",
    "a man wrote that he'll come to the office with a gun",
    "somebody said he will blow up the building",
    "there is a bomb in the building",
    "we received a bomb threat",
    "someone says he put explosives in the hall",
    "she has had death threats and a man is at her door",
    "people are outside her home and she is in danger",
    "he knows where I live and is coming to kill me",
    "her violent ex has found out where she lives because of us",
    "he says he will murder his girlfriend",
    "a commenter threatens to attack the school with a knife",
    "he is going to stab someone tomorrow",
    "a threat to shoot people at the university",
    "a person with a knife is in the building",
    "a man with a gun walked in",
    "there is an attacker in the building",
    "somebody is being beaten up right now",
    "a woman is being assaulted outside",
    "a child is being hit at home and needs help now",
    "a child is in immediate danger",
    "someone is being held against her will",
    "he threatened to throw acid in her face",
    "someone wants to set himself on fire",
    "they will burn down the house with people in it",
    "someone has been stabbed",
    "someone has been shot here",
    "a colleague has collapsed",
    "he has stopped breathing",
    "she is unconscious",
    "he is not waking up",
    "she is having a seizure",
    "I think he is having a heart attack",
    "she is bleeding heavily",
    "there is a fire and people cannot get out",
    "the building is on fire",
    "people drank poison because of our post",
    "someone took the wrong dose and is in intensive care",
    "a child swallowed something poisonous",
    "somebody drank cleaning fluid after reading it",
    "life in danger, need an ambulance",
    "call an ambulance please",
    "we need the police here now, he's violent",
)
"""A life, or somebody's body, is in danger now."""

ALIVE_AND_WELL = (
    "my manager will kill me for this",
    "mum is going to murder me",
    "I want to die of shame, so embarrassing",
    "I nearly died laughing",
    "this job will be the death of me",
    "that post killed our engagement",
    "it was suicidal for our reputation",
    "the tweet is political suicide",
    "our suicide awareness post has a mistake",
    "the mental health helpline tweet had a wrong number",
    "we shared guidance on self-harm with a broken link",
    "what is the policy on posts about suicide",
    "is there a rule about violent pictures",
    "guidance on reporting deaths",
    "let's practise with a pretend threat",
    "run an exercise about a bomb",
    "the advert bombed",
    "the comments are on fire",
    "twitter blew up",
    "we are being slaughtered online",
    "they want our heads",
    "shoot me a message",
    "the photo shoot was leaked",
    "I could strangle my colleague",
    "he stabbed me in the back at work",
    "she jumped down my throat",
    "an overdose of hashtags",
    "my phone is dead",
    "please kill the scheduled post",
    "end this conversation",
    "let's finish it",
    "I want to stop here",
    "I give up on this form",
    "I've had enough of these questions",
    "I'm losing the will to live with this website",
    "goodbye, thanks for all your help",
    "bye everyone",
    "see you tomorrow",
    "I feel sick about what I posted",
    "I can't stop crying about this tweet",
    "I am so ashamed",
    "I'm going to lose my job",
    "what a nightmare",
    "nobody got hurt",
    "nobody will die because of this",
    "no one is in danger here",
    "I'm not suicidal",
    "I don't want to hurt myself, I'm only cross",
    "it's not an emergency",
    "the film is about a murder",
    "our play has a stabbing in it",
    "a game with shooting",
    "a crime novel tweet with a typo",
    "the museum of war posted a picture of a gun",
    "we posted a photo of fake blood",
    "a knife advert had a wrong price",
    "the memorial post had a wrong date",
    "we tweeted about somebody's funeral",
    "a joke about a dead celebrity",
    "the post came out on the day of a bombing",
    "our advert appeared after the shooting",
    "a post about the murder trial",
    "an obituary with a wrong photo",
    "the news article is about a stabbing last year",
    "a lawyer threatens to sue us",
    "he threatened to complain",
    "she threatened to go to the papers",
    "trolls attack us in the comments",
    "a cyber attack on our website",
    "a personal attack in a reply",
    "they insulted the staff",
    "the website collapsed",
    "the server is not responding",
    "she isn't answering her phone",
    "the customer burned us in a review",
    "painkillers advert with a misleading claim",
    "the pharmacy's opening hours are wrong",
    "the tablets are on offer",
    "the first aid course has the wrong date",
    "fire drill tweet on the wrong account",
    "emergency exit sign meme",
    "who do I call in an emergency",
    "the student is upset about the photo",
    "a child's face is in the picture",
    "a pupil's name was published",
    "parents are angry",
    "people are frightened by a rumour",
    "go to hell, we told a customer",
    "someone told us to drop dead",
    "can you book me a taxi",
    "what is the weather like",
    "how do I get a new password",
    "my back hurts",
    "I have a headache",
    "I'm dying for a coffee",
    "dead easy",
    "a dead good campaign",
    "the deadline is today",
    "I jumped on a call",
    "hang on a minute",
    "cut that paragraph",
    "take a shot of the screen",
    "it was a shot in the dark",
    "we dodged a bullet",
    "he exploded with anger in the replies",
    "an explosive story in the press",
    "too many emojis, an overdose",
    "I have no social life",
    "it's money for nothing",
    "what should I do when people threaten us",
)

_MYSELF = r"(?:my|him|her|them|your|it)sel(?:f|ves)|theirself|meself"
_RULES = re.compile(
    rf"\b(?:kil+(?:ing)?|hang(?:ing)?|drown(?:ing)?|shoot(?:ing)?|harm(?:ing)?|hurt(?:ing)?|cut(?:ting)?"
    rf"|poison(?:ing)?"
    rf"|stab(?:bing)?) (?:{_MYSELF})\b"
    r"|\b(?:end|ending|take|taking|took) (?:my|his|her|their) (?:own )?li(?:fe|ves)\b"
    r"|\bsuicidal\b|\b(?:commit|attempt|make|do|think\w* (?:of|about))(?:ing|ted|ed)? suicide\b"
    r"|\bsuicide (?:note|attempt)\b"
    r"|\b(?:wants?|wanna|going|threat\w*|plans?|wish(?:es)? (?:i|to)) (?:to )?die\b"
    r"|\bnot? (?:want(?: to)?|wish to) (?:live|be alive)\b|n'?t (?:really )?want to (?:live|be alive|be here any ?more)\b"
    r"|\bbetter off (?:dead|without me)\b|\b(?:keep|go on|point (?:in|of)) living\b"
    r"|\b(?:took|taken|take|swallowed|about to) (?:an? )?overdos\w*|\b(?:slit|cut|slashed) (?:her|his|my"
    r"|their) (?:wrists?|arms?)\b"
    r"|\bjump(?:ing)? (?:off|from) (?:the|a) \w+|\bon (?:the|a) (?:bridge|roof|ledge)\b.{0,30}\bjump"
    r"|\b(?:bomb|death) threats?\b|\bthreat\w* (?:to |of )?(?:kill|murder|stab|shoot|bomb|rape|acid|attack)\w*"
    r"|\b(?:will|gonna|going to|coming to|plans? to|wants? to|says? he'?s going to|'ll) "
    r"(?:kill|murder|stab|shoot|rape|bomb|blow up) (?:his|her|my|them|him|me|someone|somebody|people|us"
    r"|you all|everyone|a |the )"
    r"|\b(?:with|has|has got|got|carrying|holding) an? (?:\w+ )?(?:gun|knife|machete|axe|bomb|rifle|sword)\b"
    r"|\b(?:is|isn'?t|not|stopped|has stopped) (?:unconscious|breathing|not breathing)\b|\bunconscious\b"
    r"|\b(?:immediate|mortal|real) danger\b|\blife (?:is )?(?:in|at) (?:danger|risk)\b"
    r"|\bbleeding (?:badly|heavily|out|to death)\b"
    r"|\b(?:end it (?:all|tonight|today|now)|end things tonight)\b|\bnoose\b|\b(?:got|have|bought"
    r"|with) (?:a|the|some) rope\b"
    r"|\b(?:taken|took|swallowed|swallow|drank|drunk) (?:all|too many|a (?:load|lot|bottle|packet"
    r"|handful) of|loads of|the whole)"
    r" (?:of )?(?:my |his |her |the |your )?(?:tablets|pills|painkillers|medication|medicine|paracetamol)"
    r"|\b(?:swallowed|drank|drunk|drinking) (?:bleach|acid|poison|cleaning)|(?<![\d ] )(?<!\d)\bkms\b"
    r"|\b(?:better|happier|easier) (?:off )?(?:if|when) (?:i|he|she) (?:was|were|am|is|wasn'?t"
    r"|weren'?t)(?:n'?t| not)? (?:gone|dead|here|around|alive)"
    r"|\bsomething (?:stupid|silly|terrible|drastic) to (?:myself|himself|herself)\b|\bno(?:body|-one"
    r"| one)(?: will|'ll) miss (?:me|him|her)\b"
    r"|\bthreat\w* to\b.{0,40}\b(?:kill|stab|shoot|attack|murder|throw acid)\b|\b(?:shoot|kill|stab"
    r"|bomb) (?:the lot|all) of (?:you|us)\b"
    r"|\b(?:been|being|was|is|got) (?:a )?(?:stabb(?:ed|ing)|shot (?:at|by|in)|shooting|attacked by"
    r"|beaten up|held hostage)\b.{0,30}\b(?:now|here|outside)\b"
    r"|\b(?:collapsed|isn'?t|not|stopped) (?:and )?(?:isn'?t |not )?breathing\b|\b(?:had"
    r"|having) a (?:heart attack|stroke|seizure|fit)\b"
    r"|\bfire in (?:the|our) (?:building|office|hall|school|library)\b|\b(?:trapped"
    r"|holding .{0,12}hostage|beating (?:me|her|him|them))\b"
    r"|\b(?:man|men|someone|somebody|people|ex) (?:is |are )?(?:waiting )?outside (?:my|his|her"
    r"|their) (?:house|home|door|flat)\b"
    r"|\bself[- ]?harm(?:ing|ed|s)?\b|\bon (?:his|her|their) way to (?:kill|murder|hurt|get) (?:me|us|her"
    r"|him)\b"
    r"|\b(?:find and|and) (?:kill|murder) (?:me|her|him|them)\b|\bbeing (?:attacked|assaulted|stabbed"
    r"|raped)\b.{0,30}\b(?:now|outside)\b"
    r"|\bplanted (?:a|an) (?:bomb|explosive)|\bset(?:ting)? (?:himself|herself|themselves|myself) on fire\b",
    re.IGNORECASE,
)
_NOT_MEANT = re.compile(
    r"\b(?:not|never|isn'?t|aren'?t|wasn'?t|don'?t|nobody|no one|no|didn'?t)\b[^.,;!?]{0,25}"
    r"(?:suicidal|kill myself|hurt myself|threats?|going to die|want to die of|danger|overdose)"
    r"|\b(?:boss|manager|head|dean|wife|husband|mum|mother|dad|editor|director)\b[^.,;]{0,12}"
    r"\b(?:is going to|will|gonna|'ll)? ?(?:kill|murder|shoot|strangle) (?:me|us)"
    r"|\b(?:die|dying|died) (?:of|from|with) (?:shame|embarrassment|laughing|laughter|boredom|cringe)"
    r"|\b(?:career|political|commercial|brand|social) suicide\b|\bsuicide (?:prevention|awareness|squad"
    r"|reporting|helpline)\b"
    r"|\b(?:nearly|almost) (?:had|died|killed|collapsed)\b[^.,;]{0,20}|\b(?:film|movie|novel|podcast"
    r"|musical|play about|game)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"\b(?:practi[cs]e|rehears\w*|scenario|drill|polic(?:y|ies)|guidance|guidelines)\b", re.IGNORECASE)
"""Danger is only the subject of these."""
_NEAR = 0.62
"""From here a clause sounds like one of the phrases for danger; measured in docs/understanding.md."""
_NEARER = 0.05
"""And it has to be this much nearer to danger than to anything harmless."""


class DangerSense:
    """Tells danger from figures of speech, by rule and by nearness to phrases."""

    def __init__(self, encoder: Encoder, harmless: Sequence[str] = ()) -> None:
        self._danger = encoder.encode_fixed(IN_DANGER)
        self._harmless = encoder.encode_fixed([*ALIVE_AND_WELL, *harmless])

    def is_danger(self, text: str, vectors: Floats) -> bool:
        """Whether a text speaks of danger.

        Args:
            text: what was typed.
            vectors: the encodings of its clauses.
        """
        if _ABOUT.search(text):
            return False
        rest = _NOT_MEANT.sub(" ", text)
        if _RULES.search(rest):
            return True
        if rest != text or not len(vectors):
            return False
        danger = (vectors @ self._danger.T).max(1)
        harmless = (vectors @ self._harmless.T).max(1)
        return bool(((danger >= _NEAR) & (danger - harmless >= _NEARER)).any())
