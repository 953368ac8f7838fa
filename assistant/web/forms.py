"""The forms: their shape only. What a question or response means is decided elsewhere."""

from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovCharacterCount, GovRadioInput
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional, ValidationError

from assistant.retrieval.words import tidy
from assistant.web.i18n import gettext
from assistant.web.security import Form

LONGEST = 500
"""Characters a question may have, spaces in a row counted once."""


class CharacterCount(GovCharacterCount):  # type: ignore[misc]
    """A text area that counts its characters, whose faults are announced in the language of the page."""

    def map_gov_params(self, field: Field, **kwargs: Any) -> dict[str, Any]:
        """What the component is given."""
        params: dict[str, Any] = super().map_gov_params(field, **kwargs)
        if field.errors:
            params["errorMessage"] |= {"visuallyHiddenText": gettext("Error")}
        return params


def short_enough(_form: object, field: Field) -> None:
    """Stop a question that is too long. What was typed stays in the field as it was."""
    if len(" ".join(tidy(field.data).split())) > LONGEST:
        raise ValidationError(
            gettext("That is longer than 500 characters. Your words are still here. Make it shorter, or ask it in two parts.")
        )


class AskForm(Form):
    """A question, who asks, and where."""

    longest = LONGEST
    text = TextAreaField(widget=CharacterCount(), validators=[])
    role = RadioField(widget=GovRadioInput(), validators=[Optional()], validate_choice=False)
    nation = RadioField(widget=GovRadioInput(), validators=[Optional()], validate_choice=False)
    history = HiddenField()
    step = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Fill in labels, choices and messages in the language of the request."""
        super().__init__(*args, **kwargs)
        self.text.label.text = gettext("Your question")
        self.text.validators = [
            DataRequired(gettext("Write a question first.")),
            short_enough,
        ]
        self.role.label.text = gettext("Who is asking")
        self.role.choices = [
            ("family", gettext("A relative of the person who died")),
            ("friends", gettext("A friend or neighbour")),
            ("employers", gettext("An employer or colleague")),
            ("practitioners", gettext("Someone working on a review")),
        ]
        self.nation.label.text = gettext("Where it happened")
        self.nation.choices = [("england", gettext("England")), ("wales", gettext("Wales"))]


class SearchForm(Form):
    """A few words to look for."""

    text = StringField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Fill in messages in the language of the request."""
        super().__init__(*args, **kwargs)
        self.text.validators = [DataRequired(gettext("Write a word or two first.")), short_enough]


class ItemForm(Form):
    """A response to one item: the places of the options chosen."""

    chosen = SelectMultipleField(validate_choice=False)
    sure = StringField()
    asked = HiddenField()
    """The item that was on the page, where the address does not say it."""

    @property
    def certain(self) -> bool | None:
        """How sure the learner was; None when they did not say."""
        return {"yes": True, "no": False}.get(self.sure.data or "")


class PlainForm(Form):
    """A button that changes something."""


class CodeForm(Form):
    """A code that was read from paper or over the phone."""

    code = StringField()


class CertificateForm(Form):
    """A name that is not kept, and a code."""

    name = StringField()
    code = StringField()


class DateForm(Form):
    """A day, what happened on it, and where."""

    start = RadioField(widget=GovRadioInput(), validators=[Optional()], validate_choice=False, default="decided")
    day = StringField()
    month = StringField()
    year = StringField()
    nation = RadioField(widget=GovRadioInput(), validators=[Optional()], validate_choice=False, default="england")
    full = BooleanField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Fill in labels and choices in the language of the request."""
        super().__init__(*args, **kwargs)
        self.start.label.text = gettext("What happened on that day")
        self.start.choices = [
            ("decided", gettext("The partnership decided to hold a review")),
            ("notified", gettext("The partnership was told of the death")),
            ("published", gettext("The report was published")),
        ]
        self.nation.label.text = gettext("Where it happened")
        self.nation.choices = [("england", gettext("England")), ("wales", gettext("Wales"))]


class EditionsForm(DateForm):
    """A day and a place, or both nations."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Fill in labels and choices in the language of the request."""
        super().__init__(*args, **kwargs)
        self.nation.label.text = gettext("Place")
        self.nation.choices = [
            ("both", gettext("England and Wales")),
            ("england", gettext("England")),
            ("wales", gettext("Wales")),
        ]
