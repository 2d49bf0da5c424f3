"""Face quality from pixels and landmarks: what a photographer can do better while the person is still there.

Poor quality warns and weighs, and never blocks: the only photo of a person is worth more than none. The components are those
quality measures of ISO/IEC 29794-5:2025 (and of OFIQ, its reference implementation) that matter here and that a few pixels and
landmarks tell without another model:

    size        inter-eye distance, corrected for a turned head
    sharpness   sharpness
    exposure    under-exposure prevention and over-exposure prevention
    contrast    dynamic range
    uniformity  illumination uniformity: hints only; it did not tell which photos fail
    pose        head pose, yaw
    pitch       head pose, pitch
    eyes        eyes visible: dark glasses and deep shadow, not hair
    mouth       mouth occlusion prevention: masks and scarves of one colour, not patterned ones
    whole       crop of the face image
    single      single face present: hints only, for it says nothing about the face that is there

Head pose's roll is no component: a leaning or lying head is turned upright before it is encoded. Background uniformity,
expression, eyes open and the measures for passports are left out. Severities were chosen on calibration photos; what each
component is worth on others is shown by ``tracing bench quality``.
"""

from tracing.quality.assessment import HINTS, assess
from tracing.quality.components import POOR, SEVERITY
from tracing.quality.photo import no_face_reason

__all__ = ["HINTS", "POOR", "SEVERITY", "assess", "no_face_reason"]
