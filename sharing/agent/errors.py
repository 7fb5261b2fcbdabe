"""What can go wrong at the vendor's PC.

SharingError
└── AgentError
    ├── about the hub and the way to it
    │   ├── HubUnreachable (ConnectionError)
    │   ├── HubSlow (TimeoutError)
    │   ├── HubAnsweredWrongly (ConnectionError)
    │   └── HubRefused (PermissionError)
    │       └── CodeRefused, AgentUnknown
    ├── about this PC
    │   ├── NotEnrolled, NothingActive (LookupError), AlreadyEnrolled, AddressInvalid (ValueError)
    │   ├── AgentBusy, ServingPortTaken (ConnectionError)
    │   └── HomeUnusable (PermissionError), Unexpected
    ├── UpdateRefused (ValueError): why an assigned version is not installed
    │   ├── MetadataRefused, MetadataExpired, ClockBehind, NotForThisSite, SourcesDisagree,
    │   │   BundleIncomplete, FileDamaged, TooManyTries
    │   └── ModelRefused: NotOnnx, CustomOperator, ExternalData, ModelTooLarge, SchemaMismatch,
    │       HeadMismatch, GoldenMismatch, ModelCrashed, ModelHung, CardUnreadable
    └── InputRefused (ValueError): why a row gets no prediction
        ├── NotJson, InputMissing, ColumnsMissing, ShapeWrong, NotANumber, ValueMissing, TooManyRows
        ├── FileNotReadable, FileNotText, FileEmpty, LabelMissing
        ├── (the watched folder:) FileTooLarge, ColumnTwice, CellsTooMany, FigureMissing,
        │   NoRowFits, FileStopsAgent, FileInUse (PermissionError), WhichModel (LookupError)
        └── ModelUnknown (LookupError)

The Korean sentences stand in `words`.
"""

from sharing.errors import SharingError


class AgentError(SharingError):
    """Any error of the agent."""


# --- the hub and the way to it ---------------------------------------------------------------


class HubUnreachable(AgentError, ConnectionError):
    """No connection; what runs keeps running."""

    text = "The hub at %(url)s cannot be reached. What runs here keeps running; check the network."


class HubSlow(AgentError, TimeoutError):
    """The hub, or something between, sends too slowly to be honest."""

    text = "The hub at %(url)s answers too slowly. The agent tries again later."


class HubAnsweredWrongly(AgentError, ConnectionError):
    """Something answered that is not our hub, or not in order."""

    text = "What answered at %(url)s is not a hub, or it is out of order (status %(status)s)."


class HubRefused(AgentError, PermissionError):
    """The hub knows better; its own sentence is passed on."""

    text = "The hub refused: %(why)s"


class CodeRefused(HubRefused):
    """Wrong, used or expired enrolment code."""

    text = (
        "The hub does not accept the code %(code)s. A code works once and for 30 minutes: "
        "ask for a new one on the page “Connected PCs”."
    )


class AgentUnknown(HubRefused):
    """This PC was disconnected on the hub's page, or the hub was set up anew."""

    text = (
        "The hub does not know this PC any more. What runs here keeps running; "
        "to connect again, enrol with a new code."
    )


# --- this PC -----------------------------------------------------------------------------------


class NotEnrolled(AgentError, LookupError):
    """No enrolment in this home folder."""

    text = "This PC is not connected to a hub yet. Run: hub-agent enrol ADDRESS"


class AlreadyEnrolled(AgentError, ValueError):
    """Enrolment would cut the tie to the present hub."""

    text = "This PC is already connected to %(url)s as “%(site)s”. Add --again to connect it anew."


class AddressInvalid(AgentError, ValueError):
    """Not an http(s) address."""

    text = "“%(url)s” is not an address of a hub. It looks like https://hub.example."


class AgentBusy(AgentError, ConnectionError):
    """Another agent process holds this home folder."""

    text = "Another agent is already working in %(home)s."


class HomeUnusable(AgentError, PermissionError):
    """The folder cannot be written."""

    text = "The folder %(home)s cannot be used: %(why)s"


class ServingPortTaken(AgentError, ConnectionError):
    """Another program listens there."""

    text = "Port %(port)s is taken by another program. Choose another with --port."


class NothingActive(AgentError, LookupError):
    """No model is active yet."""

    text = "No model runs here yet. Accept an offer on the hub, then run: hub-agent once"


class Unexpected(AgentError):
    """A fault of our own, told without a traceback."""

    text = "The agent met an error that it does not know (%(kind)s). Details are in %(log)s."


# --- why an assigned version is not installed --------------------------------------------------


class UpdateRefused(AgentError, ValueError):
    """The assigned version is not installed; the one that runs goes on."""


class MetadataRefused(UpdateRefused):
    """Signatures, versions or hashes of the signed lists do not hold (TUF client workflow)."""

    text = "The signed list of the %(role)s is not trustworthy: %(why)s. Nothing was installed."


class MetadataExpired(UpdateRefused):
    """Freeze protection: the signed lists are too old."""

    text = (
        "The signed list of the %(role)s has expired. Nothing new is installed until it is renewed."
    )


class ClockBehind(UpdateRefused):
    """Freeze protection: by a clock that was set back, nothing would ever expire."""

    text = (
        "This PC's clock was set back: it says %(now)s, and signed lists were read at %(then)s. "
        "Nothing new is installed until it is right."
    )


class NotForThisSite(UpdateRefused):
    """Another site's assignment was shown to us."""

    text = "The assignment is for site %(theirs)s, and this is site %(ours)s."


class SourcesDisagree(UpdateRefused):
    """The director assigns what the publisher did not release like this."""

    text = "%(path)s: what the publisher released and what was assigned are not the same file."


class BundleIncomplete(UpdateRefused):
    """All files or none."""

    text = "Version %(version)s of %(model)s is incomplete: %(missing)s is missing."


class FileDamaged(UpdateRefused):
    """Length or hash of a downloaded file is not as signed."""

    text = "%(path)s arrived damaged or changed; it was thrown away."


class TooManyTries(UpdateRefused):
    """Stops endless retries, also of a step that takes the whole agent down."""

    text = "The step “%(step)s” did not succeed in %(tries)s tries."


class ModelRefused(UpdateRefused):
    """The file came as signed, and is still not run here."""


class NotOnnx(ModelRefused):
    """Another format, a pickle for example, whatever its name."""

    text = "%(file)s is not an ONNX model."


class CustomOperator(ModelRefused):
    """Operators outside the ONNX standard are code of their own."""

    text = "The model uses operators that are not part of the ONNX standard: %(operators)s."


class ExternalData(ModelRefused):
    """Weights outside the file could be any file of this PC."""

    text = "The model refers to data outside its own file: %(tensor)s."


class ModelTooLarge(ModelRefused):
    """A tensor or file beyond what a small PC can hold."""

    text = "The model is too large for this PC (%(megabytes)s MB, at most %(most)s MB)."


class CardUnreadable(ModelRefused):
    """card.json or golden.json cannot be understood."""

    text = "%(file)s cannot be read: %(why)s"


class SchemaMismatch(ModelRefused):
    """The model takes another number of columns than its card says."""

    text = "The model takes %(model)s columns, and its card lists %(card)s."


class HeadMismatch(ModelRefused):
    """head.onnx is not fed with what model.onnx gives."""

    text = "head.onnx wants %(head)s, and model.onnx gives %(model)s."


class GoldenMismatch(ModelRefused):
    """The publisher's own examples come out differently here."""

    text = "The publisher's test rows come out differently on this PC (off by %(difference)s)."


class ModelCrashed(ModelRefused):
    """The trial process ended without an answer."""

    text = "The model failed in its trial run: %(why)s"


class ModelHung(ModelRefused):
    """The trial process did not end in time."""

    text = "The model's trial run did not end within %(seconds)s seconds."


# --- why a row gets no prediction --------------------------------------------------------------


class InputRefused(AgentError, ValueError):
    """The rows get no prediction."""


class ModelUnknown(InputRefused, LookupError):
    """No such model active."""

    text = "No model “%(model)s” runs here."


class NotJson(InputRefused):
    """The request is not what the Open Inference Protocol asks for."""

    text = "The request cannot be read: %(why)s"


class InputMissing(InputRefused):
    """Neither the one tensor nor its columns."""

    text = "The request must carry “%(tensor)s”, or one tensor for each column."


class ColumnsMissing(InputRefused):
    """Named, all at once."""

    text = "These columns are missing: %(columns)s."


class ShapeWrong(InputRefused):
    """Rows × columns do not fit."""

    text = "There must be %(columns)s values in each row; %(got)s came."


class NotANumber(InputRefused):
    """Text where a number is due."""

    text = "Row %(row)s, %(column)s: “%(value)s” is not a number."


class ValueMissing(InputRefused):
    """Empty or NaN where the model needs a value."""

    text = "Row %(row)s, %(column)s: the value is missing."


class TooManyRows(InputRefused):
    """More than one request may carry."""

    text = "%(rows)s rows are too many for one request; send at most %(most)s."


class FileNotReadable(InputRefused):
    """Not a CSV with a header."""

    text = "%(file)s cannot be read as a CSV file: %(why)s"


class FileNotText(InputRefused):
    """A spreadsheet's own file, or any other that is no text."""

    text = (
        "%(file)s is not a CSV file. If it is from a spreadsheet program, "
        "save it there as CSV (UTF-8) first."
    )


class FileEmpty(InputRefused):
    """No rows."""

    text = "%(file)s holds no rows."


class LabelMissing(InputRefused):
    """`evaluate` needs to know what really happened."""

    text = "%(file)s has no column “%(column)s” with what really happened (0 or 1). Use --label."


# --- the watched folder ------------------------------------------------------------------------


class FileTooLarge(InputRefused):
    """More than the agent takes at once, even a piece at a time."""

    text = (
        "%(file)s is too large (%(megabytes)s MB, at most %(most)s MB). "
        "Split it into smaller files, each with the same first line."
    )


class ColumnTwice(InputRefused):
    """Which of the two is meant cannot be known."""

    text = "%(file)s has the column “%(column)s” twice. Leave one of them."


class CellsTooMany(InputRefused):
    """A decimal comma, or a comma in a text without quotes."""

    text = (
        "Row %(row)s has %(got)s cells, and the first line names %(columns)s columns: "
        "there is a comma too many."
    )


class FigureMissing(InputRefused):
    """The model's own answer is no number."""

    text = "Row %(row)s: the model gave no number for these values."


class NoRowFits(InputRefused):
    """Not one prediction: something about the whole file is wrong."""

    text = "None of the %(rows)s rows of %(file)s can be predicted. The first one: %(why)s"


class FileStopsAgent(InputRefused):
    """The agent ended again and again at the same file."""

    text = "The agent was stopped %(tries)s times while it worked on %(file)s."


class FileInUse(InputRefused, PermissionError):
    """Windows lets nobody else at a file that a program has open."""

    text = "%(file)s is open in another program. It is tried again; close it there."


class WhichModel(InputRefused, LookupError):
    """Several run, and the file lies in the folder of none."""

    text = "Several models run here. Put %(file)s into the folder of the right one: %(models)s."
