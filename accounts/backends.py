"""Log-in by user name and password; the session's person arrives with the district in one query."""

from django.contrib.auth.backends import ModelBackend

from accounts.models import User


class PostBackend(ModelBackend):
    """Loads the person together with the district, whose versions keep the in-memory caches true."""

    def get_user(self, user_id):
        user = User.objects.select_related("district").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
